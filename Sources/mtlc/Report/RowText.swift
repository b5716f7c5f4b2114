import Experiments
import Schema

/// Encoded rows as a model reads them.
enum RowText {
  /// A line for each column, a column for each row: rows can be wider than any screen.
  static func text(_ rows: RowListing) -> String {
    Table(
      ["column"] + rows.cells.indices.map { "row \($0 + 1)" },
      rows: rows.columns.enumerated().map { place, name in
        [name] + rows.cells.map { $0[place] }
      }
    ).text
  }

  static func json(_ rows: RowListing) -> JSON {
    .array(
      rows.cells.map { row in .object(zip(rows.columns, row).map { ($0, .string($1)) }) })
  }
}
