import TensorTypes

extension ElementwiseOp {
  /// A function of one number and what is known of it but for its derivative.
  public typealias Unary = UnaryFunction
}

extension ElementwiseOp.Unary {
  /// g·f′(x), written with y = f(x) where that is cheaper; nil where f′ is 0 wherever it exists.
  /// At a kink the derivative is 0.
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
    case .relu: try emitter.mul(g, EpilogueActivation.relu.derivative(emitter, y))
    case .sigmoid: try emitter.mul(g, EpilogueActivation.sigmoid.derivative(emitter, y))
    case .tanh: try emitter.mul(g, EpilogueActivation.tanh.derivative(emitter, y))
    case .softplus: try emitter.mul(g, emitter.sigmoid(x))
    case .sin: try emitter.mul(g, emitter.cos(x))
    case .cos: try emitter.neg(emitter.mul(g, emitter.sin(x)))
    }
  }
}
