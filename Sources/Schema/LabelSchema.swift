/// How a label column becomes a number.
public struct LabelSchema: Sendable, Hashable {
  /// The task that this label belongs to.
  public var task: String
  public var column: String
  public var kind: Kind
  /// The column with the weight of each row in the task's loss; nil for 1 each.
  public var weightColumn: String?
  /// The rows that the task is about; nil for all.
  public var space: SampleSpace?

  public enum Kind: Sendable, Hashable {
    /// 1 when the cell's text is in the list, else 0.
    case positives([String])
    /// The cell holds 0 or 1 (or a number that is read as such).
    case binary
    /// The cell holds any finite number.
    case number
    /// The cell's text is one of the classes; the label is its place in the list.
    case classes([String])
    /// The cell holds a number from 0 to 1: the probability of 1.
    case soft
  }

  public init(
    task: String, column: String, kind: Kind, weightColumn: String? = nil,
    space: SampleSpace? = nil
  ) {
    self.task = task
    self.column = column
    self.kind = kind
    self.weightColumn = weightColumn
    self.space = space
  }

  /// Whether the rows of the task may weigh differently, or not count at all.
  public var weighsRows: Bool { weightColumn != nil || space != nil }
}

/// The rows that a task is about, such as the impressions that were clicked.
public struct SampleSpace: Sendable, Hashable {
  public var column: String
  /// The texts of the column in rows that belong to it.
  public var values: [String]
  /// The weight of the other rows in the task's loss.
  public var outsideWeight: Double

  public init(column: String, values: [String], outsideWeight: Double = 0) {
    self.column = column
    self.values = values
    self.outsideWeight = outsideWeight
  }
}
