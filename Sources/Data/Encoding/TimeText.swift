import Schema

/// A date and a time as they are written.
struct WrittenTime {
  var date = CivilDate(year: 1970, month: 1, day: 1)
  var hour = 0
  var minute = 0
  var second = 0.0
  /// Minutes that the written time is ahead of UTC; nil where no zone is named.
  var zone: Int?

  /// Nil where there is no such date or time.
  /// - Parameter utcOffset: minutes that the clock is ahead of UTC, for times that name a zone.
  func moment(utcOffset: Int) -> Moment? {
    guard date.isValid, 0...23 ~= hour, 0...59 ~= minute, (0..<61) ~= second else { return nil }
    let seconds = Double(hour * 3600 + minute * 60) + second
    guard let zone else { return Moment(day: date.days, second: min(seconds, 86_399.999)) }
    return Moment(seconds: Double(date.days) * 86_400 + seconds + Double((utcOffset - zone) * 60))
  }
}

/// The text of a cell that is read from its beginning.
struct TimeText {
  private let text: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  private var next: UInt8? { place < text.count ? text[place] : nil }
  private var isAtEnd: Bool { place == text.count }

  /// Takes a byte where it comes next.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  /// A number of `least` to `most` digits; as many as there are.
  private mutating func digits(_ least: Int, _ most: Int) -> Int? {
    var (value, count) = (0, 0)
    while count < most, let byte = next, 48...57 ~= byte {
      value = value * 10 + Int(byte - 48)
      count += 1
      place += 1
    }
    return count >= least ? value : nil
  }

  /// Digits as a fraction.
  private mutating func fraction() -> Double? {
    var (value, scale, count) = (0.0, 1.0, 0)
    while let byte = next, 48...57 ~= byte {
      if count < 15 { (value, scale) = (value * 10 + Double(byte - 48), scale * 10) }
      count += 1
      place += 1
    }
    return count > 0 ? value / scale : nil
  }

  /// `Z`, or hours and minutes ahead of UTC.
  private mutating func zone() -> Int? {
    if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return 0 }
    let isBehind = next == UInt8(ascii: "-")
    guard take(UInt8(ascii: "+")) || take(UInt8(ascii: "-")), let hours = digits(2, 2) else {
      return nil
    }
    _ = take(UInt8(ascii: ":"))
    let minutes = isAtEnd ? 0 : digits(2, 2)
    guard let minutes, hours <= 18, minutes < 60 else { return nil }
    return (isBehind ? -1 : 1) * (hours * 60 + minutes)
  }

  /// All of the text as a date of ISO 8601, with or without a time.
  mutating func iso() -> WrittenTime? {
    var time = WrittenTime()
    guard let year = digits(4, 4) else { return nil }
    let mark = next
    let isMarked = mark == UInt8(ascii: "-") || mark == UInt8(ascii: "/")
    if isMarked { place += 1 }
    guard let month = digits(2, 2) else { return nil }
    if isMarked, !(mark.map { take($0) } ?? false) { return nil }
    guard let day = digits(2, 2) else { return nil }
    time.date = CivilDate(year: year, month: month, day: day)
    if isAtEnd { return time }
    guard take(UInt8(ascii: "T")) || take(UInt8(ascii: "t")) || take(UInt8(ascii: " ")),
      let hour = digits(2, 2)
    else { return nil }
    time.hour = hour
    let isColon = take(UInt8(ascii: ":"))
    guard let minute = digits(2, 2) else { return nil }
    time.minute = minute
    if isColon ? take(UInt8(ascii: ":")) : next.map({ 48...57 ~= $0 }) ?? false {
      guard let second = digits(2, 2) else { return nil }
      time.second = Double(second)
      if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) {
        guard let part = fraction() else { return nil }
        time.second += part
      }
    }
    if isAtEnd { return time }
    _ = take(UInt8(ascii: " "))
    guard let zone = zone(), isAtEnd else { return nil }
    time.zone = zone
    return time
  }

  /// All of the text as a pattern says.
  mutating func matching(_ pattern: [TimePattern.Item]) -> WrittenTime? {
    var time = WrittenTime()
    var isAfternoon: Bool?
    for item in pattern {
      var found: Int? = 0
      switch item {
      case .text(let byte): found = take(byte) ? 0 : nil
      case .year:
        found = digits(4, 4).map {
          time.date.year = $0
          return 0
        }
      case .shortYear:
        // As POSIX has it: 69 to 99 are of the last century.
        found = digits(2, 2).map {
          time.date.year = $0 + ($0 < 69 ? 2000 : 1900)
          return 0
        }
      case .month:
        found = digits(1, 2).map {
          time.date.month = $0
          return 0
        }
      case .monthName:
        found = monthName().map {
          time.date.month = $0
          return 0
        }
      case .day:
        found = digits(1, 2).map {
          time.date.day = $0
          return 0
        }
      case .hour:
        found = digits(1, 2).map {
          time.hour = $0
          return 0
        }
      case .minute:
        found = digits(1, 2).map {
          time.minute = $0
          return 0
        }
      case .second:
        found = digits(1, 2).map {
          time.second += Double($0)
          return 0
        }
      case .fraction:
        found = fraction().map {
          time.second += $0
          return 0
        }
      case .half:
        let letter = next.map { $0 | 0x20 }
        isAfternoon = letter == UInt8(ascii: "p")
        guard letter == UInt8(ascii: "a") || isAfternoon == true else { return nil }
        place += 1
        guard let letter = next, letter | 0x20 == UInt8(ascii: "m") else { return nil }
        place += 1
      case .zone:
        time.zone = zone()
        found = time.zone
      }
      if found == nil { return nil }
    }
    if let isAfternoon {
      guard 1...12 ~= time.hour else { return nil }
      time.hour = time.hour % 12 + (isAfternoon ? 12 : 0)
    }
    return isAtEnd ? time : nil
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// The first three letters of an English month.
  private mutating func monthName() -> Int? {
    guard place + 3 <= text.count else { return nil }
    let name = String(decoding: text[place..<place + 3].map { $0 | 0x20 }, as: UTF8.self)
    guard let month = Self.months.firstIndex(of: name) else { return nil }
    place += 3
    return month + 1
  }
}
