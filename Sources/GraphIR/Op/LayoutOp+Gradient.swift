import TensorTypes

extension LayoutOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let g = step.cotangent
    switch self {
    case .reshape:
      return [try step.ifNeeded(0) { try emitter.reshape(g, step.shape(0)) }]
    case .broadcast:
      return [try step.unbroadcast(0) { g }]
    case .transpose(let permutation):
      var inverse = permutation
      for (axis, source) in permutation.enumerated() { inverse[source] = axis }
      return [try step.ifNeeded(0) { try emitter.transpose(g, inverse) }]
    case .concat(let axis):
      var start = 0
      return try step.operands.indices.map { operand in
        let end = start + step.shape(operand)[axis].size(batch: 1)
        defer { start = end }
        return try step.ifNeeded(operand) { try emitter.slice(g, axis: axis, start..<end) }
      }
    case .slice(let axis, let start, let end):
      let size = step.shape(0)[axis].size(batch: 1)
      return [
        try step.ifNeeded(0) { try emitter.pad(g, axis: axis, before: start, after: size - end) }
      ]
    case .pad(let axis, let before, _):
      let size = step.shape(0)[axis].size(batch: 1)
      return [
        try step.ifNeeded(0) { try emitter.slice(g, axis: axis, before..<before + size) }
      ]
    }
  }
}
