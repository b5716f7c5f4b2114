import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: ReductionOp, _ node: Graph.Node) throws {
    let source = try operand(node, 0)
    let shape = shape(source)
    let target = try result(node)
    switch op {
    case .reduce(let kind, let axes, let keepAxes):
      let reduced = (0..<shape.rank).map { axes.contains($0) }
      // The output under the input's axes: reduced ones have size 1 and no stride.
      var strides: [Int] = []
      var next = 0
      for axis in 0..<shape.rank {
        if reduced[axis] {
          strides.append(0)
          if keepAxes { next += 1 }
        } else {
          strides.append(target.strides[next])
          next += 1
        }
      }
      let input = try view(source)
      let output = View(
        buffer: target.buffer, offset: target.offset, extents: Views.extents(shape),
        strides: strides)
      let nest = try LoopNest(shape: shape, views: [input, output], reduced: reduced)
      var result = nest.view(1, of: output)
      for (axis, entry) in nest.axes.enumerated() where entry.isReduced {
        result.extents[axis] = .fixed(1)
      }
      emit(
        .reduce(
          ReduceInstruction(
            kind: Self.kind(kind), input: nest.view(0, of: input),
            reduced: nest.axes.map(\.isReduced), output: result)))
    case .softmax:
      let input = try Views.matrix(view(source), shape) ?? matrixCopy(source)
      try writeMatrix(target, graph.type(of: source)) { output in
        .softmax(SoftmaxInstruction(input: input, output: output))
      }
    }
  }

  private static func kind(_ kind: ReductionOp.Kind) -> ReduceInstruction.Kind {
    switch kind {
    case .sum: .sum
    case .max: .max
    case .min: .min
    }
  }

  mutating func matrixCopy(_ value: ValueID) throws -> View {
    guard let matrix = Views.matrix(try contiguousCopy(value), shape(value)) else {
      throw LoweringError("\(graph.type(of: value)) is not a matrix")
    }
    return matrix
  }

  /// Emits an instruction that writes rows of contiguous elements; where the target's strides do
  /// not allow that, through a temporary.
  mutating func writeMatrix(
    _ target: View, _ type: TensorType, _ instruction: (View) -> Instruction
  ) throws {
    if let matrix = Views.matrix(target, type.shape) {
      emit(instruction(matrix))
      return
    }
    let temporary = try placement.table.temporary(type, label: "rows")
    guard let matrix = Views.matrix(temporary, type.shape) else {
      throw LoweringError("\(type) is not a matrix")
    }
    emit(instruction(matrix))
    try copy(temporary, to: target, shape: type.shape)
  }
}
