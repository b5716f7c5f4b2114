import Data
import Schema

/// What a draft makes of a column.
enum ColumnKind: Hashable {
  case number(Numbers)
  case id(dim: Int)
  case list(separator: String, length: Int)
  case date(hasTime: Bool)
  /// No feature, for this reason.
  case leftOut(String)

  /// What the model reads of a number.
  enum Numbers: Hashable {
    /// The number: it has few values.
    case alone
    /// Also the bucket that it falls into: where half of the rows have the same value, such as no gains, the
    /// others are told apart so.
    case withBuckets
    /// Also sines and cosines of it: neighbours are alike.
    case withWaves
    /// The number alone, since it says next to nothing of a label: buckets of it would be learned by heart.
    case faint
  }

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
      } else if isWhole, values <= 20 || values <= 1000 && Self.isCode(column.name) {
        self = .id(dim: values <= 2 ? 4 : 8)
      } else {
        let most = column.values.values.max() ?? 0
        self = .number(
          values <= 30 ? .alone : 2 * most >= column.present ? .withBuckets : .withWaves)
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
      self = .id(dim: values <= 2 ? 4 : values <= 1000 ? 8 : 16)
    }
  }

  /// Whether a name says that whole numbers stand for things: `zip_code`, `Shop ID`.
  private static func isCode(_ name: String) -> Bool {
    let words = name.lowercased().split { !$0.isLetter }
    return words.last.map { ["code", "id", "zip", "type", "category"].contains($0) } ?? false
  }
}
