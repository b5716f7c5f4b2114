import TensorTypes

extension ScalarFormula {
  /// An expression of type float; `x` is the name of a variable.
  package func c(_ x: String, _ helpers: inout Set<CHelper>) -> String {
    switch self {
    case .x: return x
    case .number(let number): return CLiteral.float(Float(number))
    case .call(.neg, let a): return "-" + a.operand(x, &helpers)
    case .call(let function, let a):
      let (name, helper) = function.c
      if let helper { helpers.insert(helper) }
      return "\(name)(\(a.c(x, &helpers)))"
    case .combine(let combination, let a, let b):
      func infix(_ sign: String) -> String {
        "\(a.operand(x, &helpers)) \(sign) \(b.operand(x, &helpers))"
      }
      func call(_ helper: CHelper) -> String {
        helpers.insert(helper)
        return "\(helper.rawValue)(\(a.c(x, &helpers)), \(b.c(x, &helpers)))"
      }
      switch combination {
      case .sum: return infix("+")
      case .difference: return infix("-")
      case .product: return infix("*")
      case .quotient: return infix("/")
      case .largest: return call(.maximum)
      case .smallest: return call(.minimum)
      case .isGreater: return infix(">") + " ? 1.0f : 0.0f"
      }
    }
  }

  /// In parentheses unless it is a name, a call or a positive number.
  private func operand(_ x: String, _ helpers: inout Set<CHelper>) -> String {
    let text = c(x, &helpers)
    switch self {
    case .x, .call: return text.hasPrefix("-") ? "(\(text))" : text
    case .number(let number): return number < 0 ? "(\(text))" : text
    case .combine(.largest, _, _), .combine(.smallest, _, _): return text
    case .combine: return "(\(text))"
    }
  }
}

extension ScalarFormula.Function {
  /// The name in C, and the function that generated source has of its own.
  fileprivate var c: (name: String, helper: CHelper?) {
    func own(_ helper: CHelper) -> (String, CHelper?) { (helper.rawValue, helper) }
    return switch self {
    case .sign: own(.sign)
    case .relu: own(.relu)
    case .sigmoid: own(.sigmoid)
    case .softplus: own(.softplus)
    case .abs: ("fabsf", nil)
    case .neg, .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan, .sinh,
      .cosh, .tanh, .asinh, .acosh, .atanh, .erf, .floor, .ceil:
      (rawValue + "f", nil)
    }
  }
}
