/// How a label column becomes a number.
public struct LabelSchema: Sendable, Hashable {
  /// The task that this label belongs to.
  public var task: String
  public var column: String
  public var kind: Kind

  public enum Kind: Sendable, Hashable {
    /// 1 when the cell's text is in the list, else 0.
    case positives([String])
    /// The cell holds 0 or 1 (or a number that is read as such).
    case binary
    /// The cell holds any finite number.
    case number
    /// The cell's text is one of the classes; the label is its place in the list.
    case classes([String])
  }

  public init(task: String, column: String, kind: Kind) {
    self.task = task
    self.column = column
    self.kind = kind
  }
}
