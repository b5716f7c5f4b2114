/// What a task predicts.
public enum TaskKind: Sendable, Hashable {
  /// The prediction is a probability; the label 0 or 1.
  case binary
  /// The prediction is the value itself.
  case regression
  /// The predictions are the probabilities of the classes, the label the number of one.
  case multiclass(classes: Int)

  /// Predictions a row: 1, or the number of classes.
  public var width: Int {
    switch self {
    case .binary, .regression: 1
    case .multiclass(let classes): classes
    }
  }

  /// The word for it in reports.
  public var name: String {
    switch self {
    case .binary: "binary"
    case .regression: "regression"
    case .multiclass: "multiclass"
    }
  }
}
