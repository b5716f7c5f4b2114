import TensorTypes

extension ProgramValidator {
  mutating func check(_ instruction: Instruction) {
    switch instruction {
    case .matmul(let instruction): check(instruction)
    case .elementwise(let instruction): check(instruction)
    case .reduce(let instruction): check(instruction)
    case .softmax(let instruction): check(instruction)
    case .gather(let instruction): check(instruction, isGradient: false)
    case .scatterAdd(let instruction): check(instruction, isGradient: true)
    case .oneHot(let instruction): check(instruction)
    case .oneHotLinear(let instruction): check(instruction, isGradient: false)
    case .oneHotGradient(let instruction): check(instruction, isGradient: true)
    case .mixture(let instruction): check(instruction)
    case .mixtureGradient(let instruction): check(instruction)
    case .convolution(let instruction): check(instruction)
    case .pool(let instruction): check(instruction)
    case .random(let instruction): check(instruction)
    case .fill(let view, _): touch(view, .write, "fill", repeatable: true)
    case .batchSize(let view):
      touch(view, .write, "batch size")
      if view.extents.contains(where: { $0 != .fixed(1) }) { report("batch size: not a scalar") }
    case .optimizer(let instruction): check(instruction)
    case .sparseUpdate(let instruction): check(instruction)
    }
  }

  private mutating func check(_ reduce: ReduceInstruction) {
    let input = touch(reduce.input, .read, "reduce: input")
    let output = touch(reduce.output, .write, "reduce: output")
    checkAlias(output, input, "reduce: output")
    guard reduce.reduced.count == reduce.input.extents.count else {
      return report("reduce: \(reduce.reduced.count) marks for rank \(reduce.input.extents.count)")
    }
    let kept = zip(reduce.input.extents, reduce.reduced).map { $1 ? .fixed(1) : $0 }
    expect(reduce.output.extents, kept, "reduce: output")
    if !reduce.scale.isFinite { report("reduce: its scale is not finite") }
  }

  private mutating func check(_ softmax: SoftmaxInstruction) {
    let input = touch(softmax.input, .read, "softmax: input")
    let output = touch(softmax.output, .write, "softmax: output")
    checkAlias(output, input, "softmax: output", inPlace: true)
    guard matrix(softmax.input, "softmax: input") != nil else { return }
    expectDenseRows(softmax.output, "softmax: output")
    expect(softmax.output.extents, softmax.input.extents, "softmax: output")
    if let view = softmax.cotangent {
      let cotangent = touch(view, .read, "softmax: cotangent")
      checkAlias(output, cotangent, "softmax: output", inPlace: true)
      expectDenseRows(view, "softmax: cotangent")
      expect(view.extents, softmax.input.extents, "softmax: cotangent")
    }
  }

  private mutating func check(_ random: RandomInstruction) {
    guard let region = touch(random.output, .write, "random") else { return }
    let elements = sizes(random.output.extents)?.reduce(1, *)
    if region.bounds.count != elements { report("random: its output has gaps") }
    if !(0...Int(UInt32.max)).contains(random.stream) { report("random: stream \(random.stream)") }
  }

  private mutating func check(_ optimizer: OptimizerInstruction) {
    var last = 0
    if let norm = optimizer.maximumNorm, !norm.isFinite || norm <= 0 {
      report("optimizer: a maximum norm of \(norm)")
    }
    for segment in optimizer.segments.sorted(by: { $0.offset < $1.offset }) {
      guard segment.count >= 1, fits(segment.offset, segment.count, in: plan.parameterFloats) else {
        report("optimizer: a segment lies outside the parameter block")
        continue
      }
      if segment.offset < last { report("optimizer: segments overlap at \(segment.offset)") }
      last = segment.offset + segment.count
      if !segment.l2.isFinite || segment.l2 < 0 { report("optimizer: an L2 factor") }
      let bounds = segment.offset..<last
      accesses[accesses.count - 1] += [
        Access(region: Region(space: .parameters, bounds: bounds), mode: .readWrite),
        Access(
          region: Region(space: .gradients, bounds: bounds),
          mode: segment.clearsGradient ? .readWrite : .read),
      ]
    }
  }
}
