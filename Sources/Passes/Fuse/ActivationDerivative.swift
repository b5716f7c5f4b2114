import GraphIR

extension Graph {
  /// The activation whose derivative a value is, and its output at which it is taken:
  /// step(y), y·(1 − y), 1 − y².
  func activationDerivative(_ value: ValueID) -> (activation: EpilogueActivation, output: ValueID)?
  {
    if let y = operand(of: value, unary: .step) { return (.relu, y) }
    if let (a, b) = operands(of: value, binary: .sub), constant(a) == 1,
      let y = operand(of: b, unary: .square)
    {
      return (.tanh, y)
    }
    if let (a, b) = operands(of: value, binary: .mul) {
      for (y, rest) in [(a, b), (b, a)] {
        if let (one, again) = operands(of: rest, binary: .sub), constant(one) == 1, again == y {
          return (.sigmoid, y)
        }
      }
    }
    return nil
  }
}
