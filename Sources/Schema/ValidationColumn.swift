/// The column that says which training rows are held back for validation.
public struct ValidationColumn: Sendable, Hashable {
  public var column: String
  /// Rows from this value on are held back; rows without a value are trained on.
  public var from: Bound

  public enum Bound: Sendable, Hashable {
    /// Compared with the cell as a number.
    case number(Double)
    /// Compared with the cell byte by byte, as dates of ISO 8601 are.
    case text(String)
  }

  public init(column: String, from: Bound) {
    self.column = column
    self.from = from
  }
}
