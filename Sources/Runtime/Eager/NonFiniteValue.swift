import TensorTypes

/// Where a step first met infinity or NaN.
public struct NonFiniteValue: Sendable, Hashable, CustomStringConvertible {
  /// The op's mnemonic; for feeds and parameters with their name.
  public var op: String
  public var operands: [TensorType]
  public var result: TensorType
  /// The number of ops that the step had run before.
  public var position: Int

  /// As `log(f32[B, 1]) → f32[B, 1]`.
  public var description: String {
    let types = operands.map(\.description).joined(separator: ", ")
    return operands.isEmpty ? "\(op) → \(result)" : "\(op)(\(types)) → \(result)"
  }
}
