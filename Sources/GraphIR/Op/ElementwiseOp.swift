import TensorTypes

/// Ops that compute each element from the elements at the same place; operands broadcast as in
/// NumPy (trailing axes aligned, size 1 stretches).
public enum ElementwiseOp: Sendable, Hashable {
  case unary(Unary)
  case binary(Binary)
  /// f32, f32 → bool.
  case compare(Comparison)
  /// (mask: bool, a, b) → a where the mask holds, else b.
  case select
  /// bool or i32 → f32 (a mask becomes 0 and 1).
  case convertToFloat
  /// i32 → bool: whether an id is there (not negative).
  case isPresent
  /// The operand, without a gradient.
  case stopGradient

  public enum Unary: String, Sendable, Hashable, CaseIterable {
    case neg, exp, log
    /// ln(1 + x).
    case log1p
    case sqrt
    /// 1 / √x.
    case rsqrt
    /// 1 / x.
    case reciprocal
    case square, abs
    /// −1, 0 or 1.
    case sign
    /// max(x, 0).
    case relu
    /// 1 where x > 0, else 0: the derivative of relu.
    case step
    /// 1 / (1 + e^−x).
    case sigmoid
    case tanh
    /// ln(1 + e^x), computed without overflow.
    case softplus
  }

  public enum Binary: String, Sendable, Hashable, CaseIterable {
    case add, sub, mul, div, max, min
  }

  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case equal
    case notEqual = "not_equal"
    case less
    case lessEqual = "less_equal"
    case greater
    case greaterEqual = "greater_equal"
  }

  public var mnemonic: String {
    switch self {
    case .unary(let kind): kind.rawValue
    case .binary(let kind): kind.rawValue
    case .compare(let kind): kind.rawValue
    case .select: "select"
    case .convertToFloat: "convert"
    case .isPresent: "is_present"
    case .stopGradient: "stop_gradient"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .unary, .stopGradient:
      try checkCount(mnemonic, operands, 1)
      try checkDType(mnemonic, operands, 0, .f32)
      return operands
    case .binary:
      return [TensorType(.f32, try broadcastFloats(operands))]
    case .compare:
      return [TensorType(.bool, try broadcastFloats(operands))]
    case .select:
      try checkCount(mnemonic, operands, 3)
      try checkDType(mnemonic, operands, 0, .bool)
      try checkDType(mnemonic, operands, 1, .f32)
      try checkDType(mnemonic, operands, 2, .f32)
      guard let arms = operands[1].shape.broadcast(with: operands[2].shape),
        let shape = arms.broadcast(with: operands[0].shape)
      else {
        throw TypeError(
          op: mnemonic,
          "operands \(operands[0]), \(operands[1]) and \(operands[2]) do not broadcast together")
      }
      return [TensorType(.f32, shape)]
    case .convertToFloat:
      try checkCount(mnemonic, operands, 1)
      guard operands[0].dtype != .f32 else {
        throw TypeError.operand(mnemonic, 0, operands[0], expected: "bool[…] or i32[…]")
      }
      return [TensorType(.f32, operands[0].shape)]
    case .isPresent:
      try checkCount(mnemonic, operands, 1)
      try checkDType(mnemonic, operands, 0, .i32)
      return [TensorType(.bool, operands[0].shape)]
    }
  }

  private func broadcastFloats(_ operands: [TensorType]) throws -> Shape {
    try checkCount(mnemonic, operands, 2)
    try checkDType(mnemonic, operands, 0, .f32)
    try checkDType(mnemonic, operands, 1, .f32)
    guard let shape = operands[0].shape.broadcast(with: operands[1].shape) else {
      throw TypeError(
        op: mnemonic, "operands \(operands[0]) and \(operands[1]) do not broadcast together")
    }
    return shape
  }
}
