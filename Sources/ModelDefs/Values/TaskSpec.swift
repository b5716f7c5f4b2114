import Schema

/// The loss of a task.
public enum LossKind: String, Sendable, Hashable, CaseIterable {
  /// −y·ln p − (1−y)·ln(1−p).
  case binaryCrossEntropy = "binary_cross_entropy"
  /// −(1−p_y)^γ·ln p_y with the probability p_y of the row's own label (Lin et al., ICCV 2017).
  case focal
  /// −ln p_c with the probability p_c of the row's class c.
  case softmaxCrossEntropy = "softmax_cross_entropy"
  /// (ŷ − y)².
  case meanSquaredError = "mse"
  /// |ŷ − y|.
  case meanAbsoluteError = "mae"
  /// e²/2 for |e| ≤ δ, δ·(|e| − δ/2) beyond, with e = ŷ − y.
  case huber

  /// Whether the label is 0 or 1 and the prediction a probability.
  public var isBinary: Bool {
    switch self {
    case .binaryCrossEntropy, .focal: true
    case .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber: false
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
  /// The texts of the label of a multi-class task, one a class; empty for other tasks.
  public var classes: [String]
  /// ε of a binary label that is smoothed to y·(1−ε) + ε/2 in the loss.
  public var labelSmoothing: Double
  /// γ of the focal loss.
  public var focalGamma: Double
  /// δ of the Huber loss.
  public var huberDelta: Double

  public init(
    name: String, label: String, loss: LossKind, weight: Double, classes: [String] = [],
    labelSmoothing: Double = 0, focalGamma: Double = 2, huberDelta: Double = 1
  ) {
    self.name = name
    self.label = label
    self.loss = loss
    self.weight = weight
    self.classes = classes
    self.labelSmoothing = labelSmoothing
    self.focalGamma = focalGamma
    self.huberDelta = huberDelta
  }

  public var kind: TaskKind {
    isMulticlass ? .multiclass(classes: outputs) : isBinary ? .binary : .regression
  }
  public var isBinary: Bool { loss.isBinary }
  public var isMulticlass: Bool { loss == .softmaxCrossEntropy }
  /// The width of the task's head: its classes, or 1.
  public var outputs: Int { isMulticlass ? max(1, classes.count) : 1 }
}
