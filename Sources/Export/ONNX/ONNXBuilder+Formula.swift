import TensorTypes

extension ONNXBuilder {
  /// Adds the nodes of a formula of the value `x` and returns the name of its result.
  package mutating func formula(_ formula: ScalarFormula, _ x: String) -> String {
    switch formula {
    case .x: return x
    case .number(let number): return floats([Float(number)])
    case .call(let function, let a): return call(function, self.formula(a, x))
    case .combine(.quotient, 1, let b): return node("Reciprocal", [self.formula(b, x)])
    case .combine(let combination, let a, let b):
      let operands = [self.formula(a, x), self.formula(b, x)]
      switch combination {
      case .sum: return node("Add", operands)
      case .difference: return node("Sub", operands)
      case .product: return node("Mul", operands)
      case .quotient: return node("Div", operands)
      case .largest: return node("Max", operands)
      case .smallest: return node("Min", operands)
      case .isGreater: return cast(node("Greater", operands), to: .float)
      }
    }
  }

  private mutating func call(_ function: ScalarFormula.Function, _ x: String) -> String {
    switch function {
    case .expm1: return node("Sub", [node("Exp", [x]), floats([1])])
    case .log1p: return node("Log", [node("Add", [x, floats([1])])])
    // onnxruntime's Sigmoid is off by up to 1e-7 however small the result is, and a conditional
    // probability divides two small ones. Its Exp is exact to a rounding or two of the result.
    case .sigmoid:
      return node("Reciprocal", [node("Add", [node("Exp", [node("Neg", [x])]), floats([1])])])
    case .neg, .abs, .sign, .relu, .softplus, .exp, .log, .sqrt, .sin, .cos, .tan, .asin,
      .acos, .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .erf, .floor, .ceil:
      let name = function.rawValue
      return node(name.prefix(1).uppercased() + name.dropFirst(), [x])
    }
  }
}
