import GraphIR
import TensorTypes

/// What can go wrong in an eager run beside operands that do not fit (`TypeError`).
public enum EagerError: Error, Sendable, Hashable, CustomStringConvertible {
  case missingFeed(InputID)
  /// The feed holds `count` elements of `dtype` where `type` at `batchSize` rows asks for others.
  case feedMismatch(InputID, count: Int, dtype: DType, expected: TensorType, batchSize: Int)
  case idOutOfRange(op: String, id: Int, rows: Int)
  /// The model gave no output of that name.
  case missingOutput(String)
  /// The output that is to be minimised is not a single number.
  case lossIsNotScalar(TensorType)
  case unknownParameter(ParameterID)
  /// Values for a parameter that are not as many as its elements.
  case parameterMismatch(ParameterID, count: Int, expected: TensorType)
  /// A tensor that an earlier step computed, or another engine.
  case foreignTensor(TensorType)

  public var description: String {
    switch self {
    case .missingFeed(let id): "no values are fed for \(id)"
    case .feedMismatch(let id, let count, let dtype, let expected, let batchSize):
      "\(id) is fed \(count) elements of \(dtype), expected \(expected) with B = \(batchSize)"
    case .idOutOfRange(let op, let id, let rows):
      "\(op): id \(id) is outside its table of \(rows) rows"
    case .missingOutput(let name): "the model has no output \(name)"
    case .lossIsNotScalar(let type): "the loss has type \(type), expected f32[]"
    case .unknownParameter(let id): "\(id) is not declared"
    case .parameterMismatch(let id, let count, let expected):
      "\(id) is given \(count) values, expected \(expected)"
    case .foreignTensor(let type): "a tensor \(type) is not of this step of this engine"
    }
  }
}
