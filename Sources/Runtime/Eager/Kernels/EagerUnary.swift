import GraphIR

// The functions of one number and their derivatives, written from the formulas and apart from those
// of GraphIR.

extension EagerKernels {
  static func unary(_ kind: ElementwiseOp.Unary, _ x: [Scalar]) -> [Scalar] {
    switch kind {
    case .neg: map(x) { -$0 }
    case .exp: map(x) { Scalar.exp($0) }
    case .log: map(x) { Scalar.log($0) }
    case .log1p: map(x) { Scalar.log1p($0) }
    case .sqrt: map(x) { $0.squareRoot() }
    case .rsqrt: map(x) { 1 / $0.squareRoot() }
    case .reciprocal: map(x) { 1 / $0 }
    case .square: map(x) { $0 * $0 }
    case .abs: map(x) { Swift.abs($0) }
    case .sign: map(x) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 == 0 ? 0 : $0 }
    // Written so that NaN stays NaN.
    case .relu: map(x) { $0 < 0 ? 0 : $0 }
    case .step: map(x) { $0 > 0 ? 1 : 0 }
    case .sigmoid: map(x, sigmoid)
    case .tanh: map(x) { Scalar.tanh($0) }
    case .softplus: map(x) { Swift.max($0, 0) + Scalar.log1p(Scalar.exp(-Swift.abs($0))) }
    case .sin: map(x) { Scalar.sin($0) }
    case .cos: map(x) { Scalar.cos($0) }
    }
  }

  /// The exponent is never positive, so that it does not overflow.
  @inline(__always)
  static func sigmoid(_ x: Scalar) -> Scalar {
    let e = Scalar.exp(-Swift.abs(x))
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  }

  @inline(__always)
  private static func map(_ x: [Scalar], _ body: (Scalar) -> Scalar) -> [Scalar] {
    x.withUnsafeBufferPointer { x in
      array(x.count) { out in
        for i in 0..<x.count { out[i] = body(x[i]) }
      }
    }
  }
}

extension EagerEngine {
  /// g·f′(x). At the kinks of abs and relu the derivative is taken as 0.
  func unaryJacobian(
    _ kind: ElementwiseOp.Unary, _ x: Tensor, _ y: Tensor, _ g: Tensor
  ) throws -> Tensor? {
    switch kind {
    case .neg: return try neg(g)
    case .exp: return try mul(g, y)
    case .log: return try div(g, x)
    case .log1p: return try div(g, add(constant(1), x))
    case .sqrt: return try div(g, add(y, y))
    // (x^−½)′ = −½·x^−½ / x
    case .rsqrt: return try mul(constant(-0.5), div(mul(g, y), x))
    case .reciprocal: return try neg(div(g, square(x)))
    case .square: return try mul(g, add(x, x))
    case .abs: return try mul(g, unary(.sign, x))
    case .sign, .step: return nil
    case .relu:
      let zero = try constant(0)
      return try select(compare(.greater, x, zero), g, zero)
    // σ′(x) = σ(x)·σ(−x)
    case .sigmoid: return try mul(g, mul(y, sigmoid(neg(x))))
    case .tanh: return try mul(g, sub(constant(1), mul(y, y)))
    case .softplus: return try mul(g, sigmoid(x))
    case .sin: return try mul(g, unary(.cos, x))
    case .cos: return try mul(neg(g), unary(.sin, x))
    }
  }
}
