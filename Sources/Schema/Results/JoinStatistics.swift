/// How the rows of a table found their keys in another.
public struct JoinStatistics: Sendable, Hashable {
  /// The other table's file, and the column of the rows that holds the key.
  public var file: String
  public var column: String
  /// Rows whose keys were looked up, and those of them that the other table does not hold.
  public var rows: Int
  public var unmatched: Int

  package init(file: String, column: String, rows: Int, unmatched: Int) {
    self.file = file
    self.column = column
    self.rows = rows
    self.unmatched = unmatched
  }

  public var unmatchedShare: Double { rows > 0 ? Double(unmatched) / Double(rows) : 0 }
}
