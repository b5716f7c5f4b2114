/// Operands that do not fit an op. Worded like
/// `matmul: operand 1 (%3) has type f32[16, 8], expected f32[499, *]`.
public struct TypeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mnemonic of the op.
  public var op: String
  /// What is wrong, without the operand that it is about.
  public var message: String
  /// The number of the operand that does not fit, where it is one.
  public var operand: Int?
  /// The value at that operand, where it is known.
  public var value: ValueID?

  public init(op: String, _ message: String, operand: Int? = nil, value: ValueID? = nil) {
    self.op = op
    self.message = message
    self.operand = operand
    self.value = value
  }

  public var description: String { "\(op): \(detail)" }

  /// The description without the op.
  public var detail: String {
    guard let operand else { return message }
    let place = value.map { " (\($0))" } ?? ""
    return "operand \(operand)\(place) \(message)"
  }

  /// The same error with the value at the operand that it is about.
  func naming(_ operands: [ValueID]) -> TypeError {
    guard let operand, operands.indices.contains(operand) else { return self }
    var named = self
    named.value = operands[operand]
    return named
  }
}
