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

  /// The op of a mnemonic; nil for those of other families.
  init?(mnemonic: String) {
    let single: [ElementwiseOp] = [.select, .convertToFloat, .isPresent, .stopGradient]
    if let kind = Unary(rawValue: mnemonic) {
      self = .unary(kind)
    } else if let kind = Binary(rawValue: mnemonic) {
      self = .binary(kind)
    } else if let kind = Comparison(rawValue: mnemonic) {
      self = .compare(kind)
    } else if let op = single.first(where: { $0.mnemonic == mnemonic }) {
      self = op
    } else {
      return nil
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

// MARK: - Value and gradient

extension ElementwiseOp {
  /// The result for operands that are the same everywhere (masks as 0 and 1); nil for
  /// `stopGradient`, which must stay until gradients are computed.
  package func value(at x: [Double]) -> Double? {
    switch self {
    case .unary(let kind): kind.formula.value(at: x[0])
    case .binary(let kind): kind.value(at: x[0], x[1])
    case .compare(let kind): kind.holds(x[0], x[1]) ? 1 : 0
    case .select: x[0] != 0 ? x[1] : x[2]
    case .convertToFloat: x[0]
    case .isPresent: x[0] >= 0 ? 1 : 0
    case .stopGradient: nil
    }
  }

  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let g = step.cotangent
    switch self {
    case .unary(let kind):
      return [step.needed[0] ? try kind.gradient(emitter, step.operands[0], step.result, g) : nil]
    case .binary(let kind):
      return try kind.gradient(step)
    case .select:
      let mask = step.operands[0]
      return [
        nil,
        try step.unbroadcast(1) { try emitter.select(mask, g, emitter.constant(0)) },
        try step.unbroadcast(2) { try emitter.select(mask, emitter.constant(0), g) },
      ]
    case .compare:
      return [nil, nil]
    case .convertToFloat, .isPresent, .stopGradient:
      return [nil]
    }
  }
}
