import Data
import Schema
import Testing

/// Every day of two centuries, counted one by one, against what the reader makes of its text and of its seconds.
@Suite struct CalendarTests {
  /// A day by its place in the calendar.
  private struct Day {
    var year = 1896
    var month = 12
    var day = 28
    /// Since 1970-01-01: 73 years before it, of which 17 were leap years, and four days.
    var number = -(73 * 365 + 17) - 4
    /// A Monday.
    var weekday = 1

    static func isLeap(_ year: Int) -> Bool {
      year % 400 == 0 || year % 4 == 0 && year % 100 != 0
    }

    private var daysOfMonth: Int {
      switch month {
      case 2: Self.isLeap(year) ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    }

    mutating func advance() {
      number += 1
      weekday = weekday == 7 ? 1 : weekday + 1
      day += 1
      guard day > daysOfMonth else { return }
      day = 1
      month += 1
      guard month > 12 else { return }
      month = 1
      year += 1
    }

    var text: String {
      "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
  }

  /// Days from a Monday on, with the weeks of ISO 8601: the first of a year is the one with its fourth of January.
  private static let days: [(day: Day, week: Int)] = {
    var days: [(Day, Int)] = []
    var day = Day()
    var week = 52
    while day.year < 2106 {
      if day.weekday == 1 {
        var fourth = day
        week += 1
        for _ in 0..<7 {
          if fourth.month == 1, fourth.day == 4 { week = 1 }
          fourth.advance()
        }
      }
      days.append((day, week))
      day.advance()
    }
    return days
  }()

  private func read(_ cells: [String], _ part: TimePart, _ format: TimeFormat) throws -> [Float] {
    let folder = try TemporaryFolder()
    let path = try folder.write("when,b\n" + cells.map { "\($0),1\n" }.joined())
    let feature = FeatureDeclaration(
      name: "when", column: "when", kind: .numeric(.none),
      cells: CellReading(time: TimeReading(part: part, format: format)))
    let declaration = DataDeclaration(format: TableFormat(), features: [feature], labels: [])
    return Array(try #require(try declaration.fit([path]).dataset.floats(FeedLayout.numeric)))
  }

  @Test(arguments: [
    TimePart.year, .month, .day, .week, .weekday, .weekend, .days,
  ])
  func everyDay(part: TimePart) throws {
    let days = Self.days
    #expect(days.count > 76_000 && days[0].week == 53)
    let expected = days.map { day, week -> Float in
      switch part {
      case .year: Float(day.year)
      case .month: Float(day.month)
      case .day: Float(day.day)
      case .week: Float(week)
      case .weekday: Float(day.weekday)
      case .weekend: day.weekday > 5 ? 1 : 0
      case .hour, .minute: 0
      case .days: Float(day.number)
      }
    }
    #expect(try read(days.map(\.day.text), part, .iso) == expected)
    let seconds = days.map { String(86_400 * $0.day.number) }
    #expect(try read(seconds, part, .seconds) == expected)
  }
}
