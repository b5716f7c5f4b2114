import TensorTypes

extension ConvolutionOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let (first, g) = (step.operands[0], step.cotangent)
    func side(_ operand: Int, _ axis: Int) -> Int { step.shape(operand)[axis].size(batch: 1) }
    switch self {
    case .conv2d(let form):
      let w = step.operands[1]
      return [
        try step.ifNeeded(0) {
          try emitter.conv2dInputGradient(w, g, form, height: side(0, 1), width: side(0, 2))
        },
        try step.ifNeeded(1) {
          try emitter.conv2dFilterGradient(first, g, form, height: side(1, 0), width: side(1, 1))
        },
      ]
    case .inputGradient(let form, _, _):
      // g is the cotangent of an image: what the forward pass would see.
      let inner = step.operands[1]
      return [
        try step.ifNeeded(0) {
          try emitter.conv2dFilterGradient(g, inner, form, height: side(0, 0), width: side(0, 1))
        },
        try step.ifNeeded(1) { try emitter.conv2d(g, first, form) },
      ]
    case .filterGradient(let form, _, _):
      // g is the cotangent of a filter.
      let inner = step.operands[1]
      return [
        try step.ifNeeded(0) {
          try emitter.conv2dInputGradient(g, inner, form, height: side(0, 1), width: side(0, 2))
        },
        try step.ifNeeded(1) { try emitter.conv2d(first, g, form) },
      ]
    case .poolIndices:
      return [nil]
    case .poolGather(let form):
      return [
        try step.ifNeeded(0) {
          try emitter.poolScatter(
            step.operands[1], g, form, height: side(0, 1), width: side(0, 2))
        }, nil,
      ]
    case .poolScatter(let form, _, _):
      return [nil, try step.ifNeeded(1) { try emitter.poolGather(g, first, form) }]
    }
  }
}
