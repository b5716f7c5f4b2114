import TensorTypes

extension GroupOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let (e, g, x) = (step.emitter, step.cotangent, step.operands)
    switch self {
    case .combine(.sum):
      return [try step.ifNeeded(0) { try e.group(.sum, g, x[1]) }, nil]
    case .combine(.max):
      // Rows that tie for the greatest share the cotangents of their group equally.
      let share = try step.ifNeeded(0) {
        let mask = try e.convertToFloat(e.compare(.equal, x[0], step.result))
        let ties = try e.group(.sum, mask, x[1])
        return try e.div(e.mul(mask, e.group(.sum, g, x[1])), ties)
      }
      return [share, nil]
    case .pairs(let function, let side):
      // With U_f for the sums over lower rows and D_f for those over higher ones, a sum Σ g·U_f(a)
      // over the rows is also Σ a·D_f(g), and its derivative by z is g·U_f′(a) − a·D_f′(g).
      func sums(_ f: PairFunction, _ side: PairSide, of a: E.Tensor) throws -> E.Tensor {
        try e.pairSums(f, over: side, of: a, scores: x[1], labels: x[2], groups: x[3])
      }
      let byFactor = try step.ifNeeded(0) { try sums(function, side.opposite, of: g) }
      guard step.needed[1], function != .count else { return [byFactor, nil, nil, nil] }
      guard let derivative = function.derivative else {
        throw TypeError(
          op: mnemonic,
          "\(function.rawValue) has no derivative: the function of pairs is"
            + " differentiated twice at most")
      }
      let own = try e.mul(g, sums(derivative, side, of: x[0]))
      let others = try e.mul(x[0], sums(derivative, side.opposite, of: g))
      let byScore =
        switch side {
        case .lower: try e.sub(own, others)
        case .higher: try e.sub(others, own)
        }
      return [byFactor, byScore, nil, nil]
    }
  }
}

extension GroupOp.PairFunction {
  /// f′; nil for a function without one here, and for `count`, whose derivative is 0.
  var derivative: Self? {
    switch self {
    case .logistic: .slope
    case .slope: .curvature
    case .count, .curvature: nil
    }
  }
}

extension GroupOp.PairSide {
  package var opposite: Self {
    switch self {
    case .lower: .higher
    case .higher: .lower
    }
  }
}
