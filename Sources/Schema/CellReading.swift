/// How the cells of a feature are read, beside what the table says of all cells.
public struct CellReading: Sendable, Hashable {
  /// Texts that mean "no value here", beside those of the table.
  public var missing: [String]
  public var numbers: NumberMarks
  /// What of a date or a time the number is; nil where the cell holds the number itself.
  public var time: TimeReading?

  public init(
    missing: [String] = [], numbers: NumberMarks = NumberMarks(), time: TimeReading? = nil
  ) {
    self.missing = missing
    self.numbers = numbers
    self.time = time
  }
}

/// The marks in a number.
public struct NumberMarks: Sendable, Hashable {
  /// One ASCII character.
  public var decimal: UInt8
  /// One character between groups of digits; empty where numbers have none. A space stands for a narrow
  /// or unbreakable one too.
  public var thousands: String

  public init(decimal: UInt8 = UInt8(ascii: "."), thousands: String = "") {
    self.decimal = decimal
    self.thousands = thousands
  }
}

/// What is read of a date or a time as a number.
public struct TimeReading: Sendable, Hashable {
  public var part: TimePart
  public var format: TimeFormat
  /// Minutes that local time is ahead of UTC, for times that are given in UTC or name their zone.
  public var utcOffset: Int

  public init(part: TimePart, format: TimeFormat = .iso, utcOffset: Int = 0) {
    self.part = part
    self.format = format
    self.utcOffset = utcOffset
  }
}

/// A part of a date or a time.
public enum TimePart: String, Sendable, Hashable, CaseIterable {
  case year, month
  /// Of the month.
  case day
  /// Of ISO 8601, from 1 to 53.
  case week
  /// 1 for Monday to 7 for Sunday.
  case weekday
  /// 1 on Saturdays and Sundays.
  case weekend
  case hour, minute
  /// Days since the beginning of 1970, with fractions: a number that grows with time.
  case days

  /// The values that a part takes where each has an id of its own; nil for numbers.
  public var values: ClosedRange<Int>? {
    switch self {
    case .year, .days: nil
    case .month: 1...12
    case .day: 1...31
    case .week: 1...53
    case .weekday: 1...7
    case .weekend: 0...1
    case .hour: 0...23
    case .minute: 0...59
    }
  }
}

/// How dates and times are written.
public enum TimeFormat: Sendable, Hashable {
  /// ISO 8601: `2024-05-01`, `2024-05-01T12:30:00Z`, with a blank for `T`, slashes for hyphens, or none.
  case iso
  /// Numbers of seconds or milliseconds since the beginning of 1970 in UTC.
  case seconds, milliseconds
  /// A pattern of `%Y %y %m %d %H %I %M %S %f %b %p %z` and other characters as they are.
  case pattern(String)
}
