/// Something about a spec or its data that is possible but seldom meant.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A feature alone ranks a task almost perfectly: it was probably made from the label.
    case leakage
    /// Rows with a step of a funnel and without the step before.
    case funnelOrder = "funnel_order"
    /// Rows that hold more ids than `max_length` keeps.
    case cutRows = "cut_rows"
    /// A feature without any value.
    case noValues = "no_values"
    /// A feature with the same value in every row.
    case constant
    /// Many test values that the training data does not know.
    case unknownInTest = "unknown_in_test"
    /// A base rate that differs between training and test rows.
    case baseRate = "base_rate"
  }

  public var kind: Kind
  /// The feature or the task that it is about.
  public var subject: String
  public var message: String

  public var description: String { message }
}
