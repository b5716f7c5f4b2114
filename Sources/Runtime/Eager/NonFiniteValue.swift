import TensorTypes

/// Where a step first met infinity or NaN.
public struct NonFiniteValue: Sendable, Hashable, CustomStringConvertible {
  /// The op's mnemonic; for feeds and parameters with their name.
  public var op: String
  public var operands: [TensorType]
  public var result: TensorType
  /// The layers that it belongs to or follows, as `the layer "towers.click.output"`.
  public var place: String

  /// As `what follows the layer "towers.click.output" (log(f32[B, 1]) → f32[B, 1])`.
  public var description: String {
    let types = operands.map(\.description).joined(separator: ", ")
    let text = operands.isEmpty ? "\(op) → \(result)" : "\(op)(\(types)) → \(result)"
    return "\(place) (\(text))"
  }
}
