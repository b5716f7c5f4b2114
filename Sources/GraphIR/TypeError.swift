/// Operands that do not fit an op. Worded like
/// `matmul: operand 1 has type f32[16, 8], expected f32[499, *]`.
public struct TypeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mnemonic of the op.
  public var op: String
  public var message: String

  public init(op: String, _ message: String) {
    self.op = op
    self.message = message
  }

  public var description: String { "\(op): \(message)" }
}
