import Data
import Schema

/// What a draft makes of a column.
enum ColumnKind: Hashable {
  /// A number, cut into buckets beside where it has many values.
  case number(buckets: Bool)
  case id(dim: Int)
  case list(separator: String, length: Int)
  case date(hasTime: Bool)
  /// No feature, for this reason.
  case leftOut(String)

  /// Below so many rows nothing is concluded from each having a value of its own.
  private static let fewRows = 200

  init(_ column: ColumnProfile, rows: Int) {
    let values = column.values.count
    let isEachAnother =
      rows >= Self.fewRows && column.present > rows / 2
      && (column.hasMoreValues || Double(values) >= 0.98 * Double(column.present))
    guard column.present > 0 else {
      self = .leftOut("no row has a value")
      return
    }
    if values == 1, column.present == rows, let only = column.values.keys.first {
      self = .leftOut("each row has \"\(MessageText.printable(only))\"")
    } else if column.numbers == column.present {
      let isWhole = column.integers == column.present
      if isWhole, isEachAnother, !column.hasMoreValues {
        self = .leftOut("a whole number that is another one in each row: a row's name, probably")
      } else if isWhole, values <= 20 {
        self = .id(dim: 4)
      } else {
        self = .number(buckets: values > 30)
      }
    } else if Double(column.dates) >= 0.99 * Double(column.present) {
      self = .date(hasTime: column.times > column.present / 2)
    } else if let (separator, count) = column.lists.max(by: {
      ($0.value, $1.key) < ($1.value, $0.key)
    }),
      Double(count) >= 0.3 * Double(column.present)
    {
      self = .list(
        separator: String(UnicodeScalar(separator)),
        length: min(50, column.longest[separator] ?? 2))
    } else if isEachAnother {
      self = .leftOut("a text that is another one in each row")
    } else {
      self = .id(dim: values <= 10 ? 4 : values <= 1000 ? 8 : 16)
    }
  }
}
