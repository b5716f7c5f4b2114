import TensorTypes

extension ReductionOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let x = step.operands[0]
    let g = step.cotangent
    guard step.needed[0] else { return [nil] }
    let shape = step.shape(0)
    switch self {
    case .reduce(let kind, let axes, _):
      // The result's shape with the reduced axes kept, so that it broadcasts against x.
      let kept = Shape(shape.dimensions.indices.map { axes.contains($0) ? 1 : shape[$0] })
      let spread = try emitter.reshape(g, kept)
      switch kind {
      case .sum:
        return [try emitter.broadcast(spread, to: shape)]
      case .max, .min:
        // Elements that tie for the extreme share the cotangent equally.
        let extreme = try emitter.reshape(step.result, kept)
        let mask = try emitter.convertToFloat(emitter.compare(.equal, x, extreme))
        let ties = try emitter.sum(mask, axes: axes, keepAxes: true)
        return [try emitter.mul(mask, emitter.div(spread, ties))]
      }
    case .softmax:
      let y = step.result
      let dot = try emitter.sum(emitter.mul(g, y), axes: [shape.rank - 1], keepAxes: true)
      return [try emitter.mul(y, emitter.sub(g, dot))]
    }
  }
}
