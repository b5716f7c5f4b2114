#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Each function of one number is declared here: its name, its value, what the passes know about it,
// and its derivative.

extension ElementwiseOp {
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
}

extension ElementwiseOp.Unary {
  /// f(x), as constants are folded.
  package func value(at x: Double) -> Double {
    switch self {
    case .neg: -x
    case .exp: libraryExp(x)
    case .log: libraryLog(x)
    case .log1p: libraryLog1p(x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .square: x * x
    case .abs: Swift.abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
    case .relu: Swift.max(x, 0)
    case .step: x > 0 ? 1 : 0
    case .sigmoid: 1 / (1 + libraryExp(-x))
    case .tanh: libraryTanh(x)
    case .softplus: Swift.max(x, 0) + libraryLog1p(libraryExp(-Swift.abs(x)))
    }
  }

  /// Whether f(x) ≥ 0 for every x: relu and abs leave it as it is.
  package var isNeverNegative: Bool {
    switch self {
    case .relu, .abs, .square, .sigmoid, .exp, .step, .softplus: true
    case .neg, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .sign, .tanh: false
    }
  }

  /// Whether f or its derivative jumps at 0.
  package var hasKink: Bool {
    switch self {
    case .relu, .abs, .sign, .step: true
    case .neg, .exp, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .square, .sigmoid, .tanh,
      .softplus:
      false
    }
  }

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
    }
  }
}

// The C library's functions, under names that those of the op do not hide.
private func libraryExp(_ x: Double) -> Double { exp(x) }
private func libraryLog(_ x: Double) -> Double { log(x) }
private func libraryLog1p(_ x: Double) -> Double { log1p(x) }
private func libraryTanh(_ x: Double) -> Double { tanh(x) }
