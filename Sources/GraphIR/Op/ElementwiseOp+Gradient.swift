extension ElementwiseOp {
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

extension ElementwiseOp.Unary {
  /// g·f′(x), written with y = f(x) where that is cheaper; nil where f′ is 0 wherever it exists.
  /// At a kink the derivative is 0 (relu, abs at 0).
  func gradient<E: Emitter>(
    _ emitter: E, _ x: E.Tensor, _ y: E.Tensor, _ g: E.Tensor
  ) throws -> E.Tensor? {
    switch self {
    case .neg: try emitter.neg(g)
    case .exp: try emitter.mul(g, y)
    case .log: try emitter.div(g, x)
    case .log1p: try emitter.div(g, emitter.add(x, emitter.constant(1)))
    case .sqrt: try emitter.div(emitter.scale(g, by: 0.5), y)
    case .rsqrt: try emitter.mul(emitter.scale(g, by: -0.5), emitter.mul(y, emitter.square(y)))
    case .reciprocal: try emitter.neg(emitter.mul(g, emitter.square(y)))
    case .square: try emitter.mul(emitter.scale(g, by: 2), x)
    case .abs: try emitter.mul(g, emitter.unary(.sign, x))
    case .sign, .step: nil
    case .relu: try emitter.mul(g, Activation.relu.derivative(emitter, y))
    case .sigmoid: try emitter.mul(g, Activation.sigmoid.derivative(emitter, y))
    case .tanh: try emitter.mul(g, Activation.tanh.derivative(emitter, y))
    case .softplus: try emitter.mul(g, emitter.sigmoid(x))
    }
  }
}

extension ElementwiseOp.Binary {
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
