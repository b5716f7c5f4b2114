#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A formula of one number x, of functions that the C library and ONNX have, each in a form that does not
/// overflow or cancel. Constants are folded by it, and plans are exported by it.
package indirect enum ScalarFormula: Sendable, Hashable {
  case x
  case number(Double)
  case call(Function, ScalarFormula)
  case combine(Combination, ScalarFormula, ScalarFormula)

  package enum Function: String, Sendable, Hashable, CaseIterable {
    case neg, abs
    /// −1, 0 or 1.
    case sign
    /// max(x, 0).
    case relu
    /// 1 / (1 + e^−x).
    case sigmoid
    /// ln(1 + e^x).
    case softplus
    // These have their names in C and in ONNX, but for expm1 and log1p, which ONNX lacks.
    case exp, expm1, log, log1p, sqrt, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh
    case acosh, atanh, erf, floor, ceil
  }

  package enum Combination: Sendable, Hashable, CaseIterable {
    case sum, difference, product, quotient, largest, smallest
    /// 1 where the first is greater, else 0.
    case isGreater
  }
}

// MARK: - Writing a formula

extension ScalarFormula: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }

  package static prefix func - (a: Self) -> Self { .call(.neg, a) }
  package static func + (a: Self, b: Self) -> Self { .combine(.sum, a, b) }
  package static func - (a: Self, b: Self) -> Self { .combine(.difference, a, b) }
  package static func * (a: Self, b: Self) -> Self { .combine(.product, a, b) }
  package static func / (a: Self, b: Self) -> Self { .combine(.quotient, a, b) }
}

extension ScalarFormula.Function {
  package func callAsFunction(_ x: ScalarFormula) -> ScalarFormula { .call(self, x) }
}

extension ScalarFormula.Combination {
  package func callAsFunction(_ a: ScalarFormula, _ b: ScalarFormula) -> ScalarFormula {
    .combine(self, a, b)
  }
}

// MARK: - Value and cost

extension ScalarFormula {
  package func value(at x: Double) -> Double {
    switch self {
    case .x: x
    case .number(let number): number
    case .call(let function, let a): TensorTypes.value(function, a.value(at: x))
    case .combine(let combination, let a, let b):
      TensorTypes.value(combination, a.value(at: x), b.value(at: x))
    }
  }

  /// Whether floating point rounds its value: not where it chooses among numbers or turns a sign.
  package var isRounded: Bool {
    switch self {
    case .x, .number: false
    case .call(let function, let a): function.isRounded || a.isRounded
    case .combine(.largest, let a, let b), .combine(.smallest, let a, let b),
      .combine(.isGreater, let a, let b):
      a.isRounded || b.isRounded
    case .combine: true
    }
  }

  /// Roughly how many additions it is worth.
  package var weight: Int {
    switch self {
    case .x, .number: 0
    case .call(let function, let a): function.weight + a.weight
    case .combine(let combination, let a, let b):
      (combination == .quotient ? 4 : 1) + a.weight + b.weight
    }
  }
}

extension ScalarFormula.Function {
  fileprivate var isRounded: Bool {
    switch self {
    case .neg, .abs, .sign, .relu, .floor, .ceil: false
    case .sqrt, .sigmoid, .softplus, .exp, .expm1, .log, .log1p, .sin, .cos, .tan, .asin, .acos,
      .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .erf:
      true
    }
  }

  fileprivate var weight: Int {
    switch self {
    case .neg, .abs, .sign, .relu, .floor, .ceil: 1
    case .sqrt: 4
    case .sigmoid, .softplus, .exp, .expm1, .log, .log1p, .sin, .cos, .tan, .asin, .acos, .atan,
      .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .erf:
      15
    }
  }
}

// Outside of the types, whose cases would hide the functions of the C library.

private func value(_ function: ScalarFormula.Function, _ x: Double) -> Double {
  switch function {
  case .neg: -x
  case .abs: abs(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
  case .relu: max(x, 0)
  case .sigmoid: 1 / (1 + exp(-x))
  case .softplus: max(x, 0) + log1p(exp(-abs(x)))
  case .exp: exp(x)
  case .expm1: expm1(x)
  case .log: log(x)
  case .log1p: log1p(x)
  case .sqrt: x.squareRoot()
  case .sin: sin(x)
  case .cos: cos(x)
  case .tan: tan(x)
  case .asin: asin(x)
  case .acos: acos(x)
  case .atan: atan(x)
  case .sinh: sinh(x)
  case .cosh: cosh(x)
  case .tanh: tanh(x)
  case .asinh: asinh(x)
  case .acosh: acosh(x)
  case .atanh: atanh(x)
  case .erf: erf(x)
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  }
}

private func value(
  _ combination: ScalarFormula.Combination, _ a: Double, _ b: Double
) -> Double {
  switch combination {
  case .sum: a + b
  case .difference: a - b
  case .product: a * b
  case .quotient: a / b
  case .largest: max(a, b)
  case .smallest: min(a, b)
  case .isGreater: a > b ? 1 : 0
  }
}
