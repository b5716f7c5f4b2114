import GraphIR
import TensorTypes

extension EagerEngine {
  /// The derivatives by the operands of the group family.
  func groupJacobian(
    _ op: GroupOp, _ x: [Tensor], _ y: Tensor, _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    switch op {
    case .combine(.sum):
      // Each row of a group counts in all of its sums.
      return [try group(.sum, g, x[1]), nil]
    case .combine(.max):
      // Rows that tie for the greatest share equally.
      let isGreatest = try compare(.equal, x[0], y)
      let ties = try group(.sum, convertToFloat(isGreatest), x[1])
      return [
        try select(isGreatest, div(group(.sum, g, x[1]), ties), constant(0)), nil,
      ]
    case .pairs(let function, let side):
      // The cotangents go back from each row to those that it was paired with.
      let back: GroupOp.PairSide = side == .lower ? .higher : .lower
      func sums(_ f: GroupOp.PairFunction, _ side: GroupOp.PairSide, _ a: Tensor) throws -> Tensor {
        try pairSums(f, over: side, of: a, scores: x[1], labels: x[2], groups: x[3])
      }
      let byFactor = needed[0] ? try sums(function, back, g) : nil
      let slope: GroupOp.PairFunction
      switch function {
      case .count: return [byFactor, nil, nil, nil]
      case .logistic: slope = .slope
      case .slope: slope = .curvature
      case .curvature:
        guard needed[1] else { return [byFactor, nil, nil, nil] }
        throw TypeError(op: op.mnemonic, "the derivative of curvature is not computed")
      }
      guard needed[1] else { return [byFactor, nil, nil, nil] }
      // A row's score is taken positively in the pairs where its label is the higher one.
      let asOwner = try mul(g, sums(slope, side, x[0]))
      let asPartner = try mul(x[0], sums(slope, back, g))
      return [
        byFactor, side == .lower ? try sub(asOwner, asPartner) : try sub(asPartner, asOwner), nil,
        nil,
      ]
    }
  }
}
