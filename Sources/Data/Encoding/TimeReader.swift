import Schema

/// Reads dates and times, and what a feature wants to know of them.
struct TimeReader {
  private let reading: TimeReading
  private let pattern: [TimePattern.Item]

  init(_ reading: TimeReading) {
    self.reading = reading
    if case .pattern(let text) = reading.format {
      pattern = TimePattern.items(text) ?? []
    } else {
      pattern = []
    }
  }

  /// The part of the date or time in a cell; nil where it holds none.
  func number(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    moment(field).map { $0.number(reading.part) }
  }

  /// Whether times are written as numbers.
  var readsNumbers: Bool { reading.format == .seconds || reading.format == .milliseconds }

  /// The same of a time that is a number; nil where it is none.
  func number(_ value: Double) -> Double? {
    moment(value).map { $0.number(reading.part) }
  }

  private func moment(_ number: Double) -> Moment? {
    guard readsNumbers else { return nil }
    let seconds = reading.format == .seconds ? number : number / 1000
    return Moment(seconds: seconds + Double(reading.utcOffset * 60))
  }

  private func moment(_ field: UnsafeBufferPointer<UInt8>) -> Moment? {
    switch reading.format {
    case .seconds, .milliseconds:
      guard let start = field.baseAddress,
        case .finite(let number) = parseNumber(start, start + field.count)
      else { return nil }
      return moment(number)
    case .iso:
      var text = TimeText(field)
      return text.iso().flatMap { $0.moment(utcOffset: reading.utcOffset) }
    case .pattern:
      var text = TimeText(field)
      return text.matching(pattern).flatMap { $0.moment(utcOffset: reading.utcOffset) }
    }
  }
}

/// A moment as days since 1970-01-01 and seconds of the day, of the calendar that a clock there shows.
struct Moment: Hashable {
  var day: Int
  var second: Double

  init(day: Int, second: Double) {
    self.day = day
    self.second = second
  }

  /// Nil beyond the year 9999.
  init?(seconds: Double) {
    guard seconds.magnitude < 253_402_300_800 else { return nil }
    let day = (seconds / 86_400).rounded(.down)
    self.init(day: Int(day), second: seconds - day * 86_400)
  }

  func number(_ part: TimePart) -> Double {
    let date = CivilDate(day: day)
    // 1970-01-01 was a Thursday.
    let weekday = (day + 3) %% 7 + 1
    switch part {
    case .year: return Double(date.year)
    case .month: return Double(date.month)
    case .day: return Double(date.day)
    case .week:
      // A week belongs to the year of its Thursday.
      let thursday = day + 4 - weekday
      let first = CivilDate(year: CivilDate(day: thursday).year, month: 1, day: 1)
      return Double((thursday - first.days) / 7 + 1)
    case .weekday: return Double(weekday)
    case .weekend: return weekday > 5 ? 1 : 0
    case .hour: return min(23, (second / 3600).rounded(.down))
    case .minute: return (second / 60).rounded(.down).truncatingRemainder(dividingBy: 60)
    case .days: return Double(day) + second / 86_400
    }
  }
}

infix operator %% : MultiplicationPrecedence

/// The remainder that is not negative.
private func %% (a: Int, b: Int) -> Int { ((a % b) + b) % b }

/// A day of the Gregorian calendar.
struct CivilDate: Hashable {
  var year: Int
  var month: Int
  var day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Whether there is such a day, in the years from 1 to 9999.
  var isValid: Bool {
    1...9999 ~= year && 1...12 ~= month && day >= 1
      && day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private var isLeap: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  // Days are counted in eras of 400 years that begin in March, so that a leap day ends its year
  // (Howard Hinnant, "chrono-compatible low-level date algorithms").

  /// Days since 1970-01-01.
  var days: Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date so many days after 1970-01-01.
  init(day days: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    month = m < 10 ? m + 3 : m - 9
    day = dayOfYear - (153 * m + 2) / 5 + 1
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}
