/// The loss of a task.
public enum LossKind: String, Sendable, Hashable, CaseIterable {
  /// −y·ln p − (1−y)·ln(1−p).
  case binaryCrossEntropy = "binary_cross_entropy"
  /// (ŷ − y)².
  case meanSquaredError = "mse"

  /// Whether the label is 0 or 1 and the prediction a probability.
  public var isBinary: Bool {
    switch self {
    case .binaryCrossEntropy: true
    case .meanSquaredError: false
    }
  }
}

/// A task as the spec declares it.
public struct TaskSpec: Sendable, Hashable {
  public var name: String
  /// The column with the label.
  public var label: String
  public var loss: LossKind
  /// The factor of the task's loss in the total.
  public var weight: Double

  public init(name: String, label: String, loss: LossKind, weight: Double) {
    self.name = name
    self.label = label
    self.loss = loss
    self.weight = weight
  }

  public var isBinary: Bool { loss.isBinary }
}
