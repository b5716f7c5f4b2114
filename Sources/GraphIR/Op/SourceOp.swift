import TensorTypes

/// Ops without operands: where values come from.
public enum SourceOp: Sendable, Hashable {
  /// The feed of that name, of the declared type.
  case input(InputID, TensorType)
  /// The current value of a parameter.
  case parameter(ParameterID, TensorType)
  /// Every element is `value` (for i32 and bool a whole number).
  case constant(Double, TensorType)
  /// The number of rows of the step as f32[].
  case batchSize
  /// Uniform numbers in [0, 1). The value of an element depends only on the session's seed, the
  /// step, `stream` and the element's index, so that eager and compiled runs draw the same.
  case random(stream: Int, Shape)

  public var mnemonic: String {
    switch self {
    case .input: "input"
    case .parameter: "parameter"
    case .constant: "constant"
    case .batchSize: "batch_size"
    case .random: "random"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(mnemonic, operands, 0)
    switch self {
    case .input(_, let type), .parameter(_, let type): return [type]
    case .constant(let value, let type):
      let fits =
        switch type.dtype {
        case .f32: true
        case .i32: isInt32(value)
        case .bool: value == 0 || value == 1
        }
      guard fits else { throw TypeError(op: mnemonic, "\(value) is not a value of \(type.dtype)") }
      return [type]
    case .batchSize: return [.f32()]
    case .random(let stream, let shape):
      guard stream >= 0 else { throw TypeError(op: mnemonic, "stream \(stream) is negative") }
      return [TensorType(.f32, shape)]
    }
  }
}

/// Whether a number is a whole one of 32 bits. (`Int32(exactly:)` would need the C library's maths.)
private func isInt32(_ value: Double) -> Bool {
  guard value >= Double(Int32.min), value <= Double(Int32.max) else { return false }
  return Double(Int32(value)) == value
}
