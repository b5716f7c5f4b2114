// Each function of two numbers is declared here: its name, its value, its derivative.

extension ElementwiseOp {
  public enum Binary: String, Sendable, Hashable, CaseIterable {
    case add, sub, mul, div, max, min
  }
}

extension ElementwiseOp.Binary {
  /// f(a, b), as constants are folded.
  package func value(at a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .sub: a - b
    case .mul: a * b
    case .div: a / b
    case .max: Swift.max(a, b)
    case .min: Swift.min(a, b)
    }
  }

  /// Whether its derivative jumps where both operands are equal.
  package var hasKink: Bool {
    switch self {
    case .max, .min: true
    case .add, .sub, .mul, .div: false
    }
  }

  /// Where the operands of max and min are equal, the first one gets the whole cotangent.
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let g = step.cotangent
    let (a, b) = (step.operands[0], step.operands[1])
    switch self {
    case .add:
      return [try step.unbroadcast(0) { g }, try step.unbroadcast(1) { g }]
    case .sub:
      return [try step.unbroadcast(0) { g }, try step.unbroadcast(1) { try emitter.neg(g) }]
    case .mul:
      return [
        try step.unbroadcast(0) { try emitter.mul(g, b) },
        try step.unbroadcast(1) { try emitter.mul(g, a) },
      ]
    case .div:
      let quotient = try emitter.div(g, b)
      return [
        try step.unbroadcast(0) { quotient },
        try step.unbroadcast(1) { try emitter.neg(emitter.mul(quotient, step.result)) },
      ]
    case .max, .min:
      let first = try emitter.compare(self == .max ? .greaterEqual : .lessEqual, a, b)
      let zero = try emitter.constant(0)
      return [
        try step.unbroadcast(0) { try emitter.select(first, g, zero) },
        try step.unbroadcast(1) { try emitter.select(first, zero, g) },
      ]
    }
  }
}
