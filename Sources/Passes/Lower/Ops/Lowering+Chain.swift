import GraphIR
import Plan
import TensorTypes

extension Lowering {
  /// A chain as one instruction. Registers are handed out again once nothing reads them any more.
  mutating func lower(_ chain: ElementwiseChain, _ node: Graph.Node) throws {
    guard chain.results.allSatisfy(chain.isReducible) else {
      throw LoweringError("chain: a reduction over these axes has no kernel")
    }
    var writer = ChainWriter(chain)
    var operands: [View] = []
    for operand in node.operands {
      operands.append(Views.broadcast(try view(operand), from: shape(operand), to: chain.shape))
    }
    var targets: [View] = []
    for (index, result) in chain.results.enumerated() {
      let target = try self.result(node, index)
      targets.append(result.reduction.map { $0.view(target, over: chain.shape) } ?? target)
    }
    writer.write()
    guard writer.registers <= ElementwiseInstruction.maximumRegisters,
      chain.results.count(where: { $0.reduction != nil })
        <= ElementwiseInstruction.maximumReductions,
      operands.count + targets.count <= ElementwiseInstruction.maximumOperands
    else { throw LoweringError("chain: needs too many registers or operands") }
    let nest = try LoopNest(shape: chain.shape, views: operands + targets, reduced: chain.reduced)
    let views = operands + targets
    emit(
      .elementwise(
        ElementwiseInstruction(
          extents: nest.extents, views: views.indices.map { nest.view($0, of: views[$0]) },
          steps: writer.steps)))
  }
}

extension ElementwiseChain {
  /// The axes that some, but not all, results are reduced over must not be merged with others.
  fileprivate var reduced: [Bool] {
    shape.dimensions.indices.map { axis in
      results.contains { result in
        guard let axes = result.reduction?.axes, axes.count < shape.rank else { return false }
        return axes.contains(axis)
      }
    }
  }
}

extension ElementwiseChain.Reduction {
  /// The result under the axes of the loop: reduced ones have no stride.
  fileprivate func view(_ target: View, over shape: Shape) -> View {
    var strides: [Int] = []
    var next = 0
    for axis in 0..<shape.rank {
      if axes.contains(axis) {
        strides.append(0)
        if keepAxes { next += 1 }
      } else {
        strides.append(target.strides[next])
        next += 1
      }
    }
    return View(
      buffer: target.buffer, offset: target.offset, extents: Views.extents(shape),
      strides: strides)
  }
}
