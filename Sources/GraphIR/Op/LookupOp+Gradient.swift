import TensorTypes

extension LookupOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let g = step.cotangent
    switch self {
    case .gather:
      let rows = step.shape(0)[0].size(batch: 1)
      return [
        try step.ifNeeded(0) { try emitter.scatterAdd(step.operands[1], g, rows: rows) }, nil,
      ]
    case .scatterAdd:
      return [nil, try step.ifNeeded(1) { try emitter.gather(g, step.operands[0]) }]
    case .oneHot:
      return [nil]
    }
  }
}
