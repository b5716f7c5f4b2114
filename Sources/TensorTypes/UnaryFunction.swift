/// A function of one number, of which graphs have an op and plans a step of the elementwise instruction.
/// It is declared here: its name, its number in plan files, its formula, what the passes know about it.
/// The raw value is its mnemonic.
public enum UnaryFunction: String, Sendable, Hashable, CaseIterable {
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
  case sin, cos
}

extension UnaryFunction {
  /// The number of the step in plan files, which is never used again: a new function gets the next one.
  package var code: UInt8 {
    switch self {
    case .neg: 3
    case .abs: 4
    case .sign: 5
    case .exp: 6
    case .log: 7
    case .log1p: 8
    case .sqrt: 9
    case .rsqrt: 10
    case .reciprocal: 11
    case .square: 12
    case .relu: 13
    case .step: 14
    case .sigmoid: 15
    case .tanh: 16
    case .softplus: 17
    case .sin: 43
    case .cos: 44
    }
  }

  /// f(x) in functions that other programs have too.
  package var formula: ScalarFormula {
    typealias Known = ScalarFormula.Function
    typealias Both = ScalarFormula.Combination
    let x = ScalarFormula.x
    return switch self {
    case .neg: -x
    case .exp: Known.exp(x)
    case .log: Known.log(x)
    case .log1p: Known.log1p(x)
    case .sqrt: Known.sqrt(x)
    case .rsqrt: 1 / Known.sqrt(x)
    case .reciprocal: 1 / x
    case .square: x * x
    case .abs: Known.abs(x)
    case .sign: Known.sign(x)
    case .relu: Known.relu(x)
    case .step: Both.isGreater(x, 0)
    case .sigmoid: Known.sigmoid(x)
    case .tanh: Known.tanh(x)
    case .softplus: Known.softplus(x)
    case .sin: Known.sin(x)
    case .cos: Known.cos(x)
    }
  }

  /// Whether f(x) ≥ 0 for every x: relu and abs leave it as it is.
  package var isNeverNegative: Bool {
    switch self {
    case .relu, .abs, .square, .sigmoid, .exp, .step, .softplus: true
    case .neg, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .sign, .tanh, .sin, .cos: false
    }
  }

  /// Whether f or its derivative jumps at 0.
  package var hasKink: Bool {
    switch self {
    case .relu, .abs, .sign, .step: true
    case .neg, .exp, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .square, .sigmoid, .tanh,
      .softplus, .sin, .cos:
      false
    }
  }
}
