import Schema

/// Parts of dates and times by arithmetic on double[batch], as `Moment` of the data library has them:
/// quotients of whole numbers far below 2⁵³ are exact when rounded down.
enum ONNXTimeParts {
  /// The part of a moment, NaN for NaN.
  ///
  /// - Parameters:
  ///   - number: Seconds or milliseconds since the beginning of 1970 in UTC.
  ///   - utcOffset: Minutes that the clock is ahead of UTC.
  static func number(
    _ part: TimePart, of number: String, isMilliseconds: Bool, utcOffset: Int,
    _ builder: inout ONNXBuilder
  ) -> String {
    var e = Arithmetic(builder: builder)
    defer { builder = e.builder }
    let seconds = e.add(isMilliseconds ? e.div(number, 1000) : number, Double(utcOffset * 60))
    let day = e.floorDiv(seconds, 86_400)
    let second = e.sub(seconds, e.mul(day, 86_400))
    // 1970-01-01 was a Thursday; Monday is 1.
    func weekday(_ e: inout Arithmetic) -> String { e.add(e.mod(e.add(day, 3), 7), 1) }
    switch part {
    case .year: return e.date(day).year
    case .month: return e.date(day).month
    case .day: return e.date(day).day
    case .week:
      // A week belongs to the year of its Thursday.
      let thursday = e.sub(e.add(day, 4), weekday(&e))
      let first = e.firstDay(ofYear: e.date(thursday).year)
      return e.add(e.floorDiv(e.sub(thursday, first), 7), 1)
    case .weekday: return weekday(&e)
    case .weekend: return e.atLeast(weekday(&e), 6)
    case .hour: return e.min(e.floorDiv(second, 3600), 23)
    case .minute: return e.mod(e.floorDiv(second, 60), 60)
    case .days: return e.add(day, e.div(second, 86_400))
    }
  }

  private struct Arithmetic {
    var builder: ONNXBuilder

    private mutating func node(_ operation: String, _ a: String, _ b: Double) -> String {
      builder.node(operation, [a, builder.doubles([b])])
    }
    mutating func add(_ a: String, _ b: Double) -> String { b == 0 ? a : node("Add", a, b) }
    mutating func add(_ a: String, _ b: String) -> String { builder.node("Add", [a, b]) }
    mutating func sub(_ a: String, _ b: String) -> String { builder.node("Sub", [a, b]) }
    mutating func mul(_ a: String, _ b: Double) -> String { node("Mul", a, b) }
    mutating func div(_ a: String, _ b: Double) -> String { node("Div", a, b) }
    mutating func min(_ a: String, _ b: Double) -> String { node("Min", a, b) }
    mutating func floorDiv(_ a: String, _ b: Double) -> String {
      builder.node("Floor", [div(a, b)])
    }
    /// The remainder that is not negative.
    mutating func mod(_ a: String, _ b: Double) -> String { sub(a, mul(floorDiv(a, b), b)) }
    /// 1 or 0; NaN for NaN.
    mutating func atLeast(_ a: String, _ b: Double) -> String {
      let holds = builder.cast(node("GreaterOrEqual", a, b), to: .double)
      // Keeps what is missing missing: a − a is 0 or NaN.
      return add(holds, sub(a, a))
    }

    // The formulas of `CivilDate` of the data library (Howard Hinnant, "chrono-compatible low-level
    // date algorithms"): years begin in March, eras of 400 years have 146,097 days.

    /// The date so many days after 1970-01-01.
    mutating func date(_ days: String) -> (year: String, month: String, day: String) {
      let z = add(days, 719_468)
      let era = floorDiv(z, 146_097)
      let dayOfEra = sub(z, mul(era, 146_097))
      let leaps = sub(
        add(sub(dayOfEra, floorDiv(dayOfEra, 1460)), floorDiv(dayOfEra, 36_524)),
        floorDiv(dayOfEra, 146_096))
      let yearOfEra = floorDiv(leaps, 365)
      let yearDays = sub(
        add(mul(yearOfEra, 365), floorDiv(yearOfEra, 4)), floorDiv(yearOfEra, 100))
      let dayOfYear = sub(dayOfEra, yearDays)
      let m = floorDiv(add(mul(dayOfYear, 5), 2), 153)
      let isNextYear = atLeast(m, 10)
      let month = add(sub(m, mul(isNextYear, 12)), 3)
      let day = add(sub(dayOfYear, floorDiv(add(mul(m, 153), 2), 5)), 1)
      let year = add(add(yearOfEra, mul(era, 400)), isNextYear)
      return (year, month, day)
    }

    /// Days from 1970-01-01 to the first of January of a year.
    mutating func firstDay(ofYear year: String) -> String {
      // January belongs to the year before that began in March; it begins 306 days after it.
      let y = add(year, -1)
      let leaps = add(
        sub(add(mul(y, 365), floorDiv(y, 4)), floorDiv(y, 100)), floorDiv(y, 400))
      return add(leaps, Double(306 - 719_468))
    }
  }
}
