/// An activation that a matrix product can apply to what it stores. Its derivative is a function of
/// its output, so that the product before it need not be kept. Specs know more activations; the
/// passes find these among the elementwise ops.
public enum EpilogueActivation: String, Sendable, Hashable, CaseIterable {
  case relu, sigmoid, tanh

  /// The activation that an elementwise op is; nil for other ops.
  package init?(_ op: ElementwiseOp.Unary) {
    guard let found = Self.allCases.first(where: { $0.op == op }) else { return nil }
    self = found
  }

  /// The elementwise op that it is.
  package var op: ElementwiseOp.Unary {
    switch self {
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    }
  }

  /// act(x).
  func apply<E: Emitter>(_ emitter: E, _ x: E.Tensor) throws -> E.Tensor {
    try emitter.unary(op, x)
  }

  /// The derivative at x in terms of the output y = act(x). `Graph.activationDerivative` recognises
  /// what it emits.
  package func derivative<E: Emitter>(_ emitter: E, _ y: E.Tensor) throws -> E.Tensor {
    switch self {
    case .relu: try emitter.unary(.step, y)
    case .sigmoid: try emitter.mul(y, emitter.sub(emitter.constant(1), y))
    case .tanh: try emitter.sub(emitter.constant(1), emitter.square(y))
    }
  }

  /// The derivative of `derivative` by y; nil where it is 0 everywhere.
  func secondDerivative<E: Emitter>(_ emitter: E, _ y: E.Tensor) throws -> E.Tensor? {
    switch self {
    case .relu: nil
    case .sigmoid: try emitter.sub(emitter.constant(1), emitter.scale(y, by: 2))
    case .tanh: try emitter.scale(y, by: -2)
    }
  }
}
