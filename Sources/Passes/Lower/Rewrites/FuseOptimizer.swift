import GraphIR
import Plan
import TensorTypes

/// Lets products step a parameter themselves with the gradient that they compute, in their epilogue,
/// instead of storing it for the optimizer.
struct FuseOptimizer: InstructionPass {
  let name = "fuse_optimizer"

  func run(_ draft: inout ProgramDraft) {
    guard !draft.pending.pieces.isEmpty, draft.maximumNorm == nil else { return }
    let (parameters, gradients) = (draft.parameters, draft.gradients)
    let instructions = draft.instructions
    var kept: [Instruction] = []
    var moved: [Instruction] = []
    var touched = TouchedMemory(capacity: draft.capacity)
    for (index, instruction) in instructions.enumerated() {
      touched.insert(instruction.operands.filter { $0.view.buffer == gradients }, of: index)
    }
    for view in draft.fetched { touched.insert(view, .read, of: instructions.count) }
    /// Whether a gradient is touched by its product alone.
    func isOnly(_ view: View, reads readCount: Int = 0, writes writeCount: Int = 1) -> Bool {
      touched.count(.read, of: view) == readCount && touched.count(.write, of: view) == writeCount
    }
    for instruction in instructions {
      if case .matmul(var product) = instruction, product.groups == 1,
        !product.accumulate, product.addend == nil, let c = product.c, c.buffer == gradients,
        isOnly(c), let l2 = draft.pending.take(c)
      {
        if let sums = product.columnSums, sums.buffer != gradients {
          // Somebody reads the sums before the optimizer's turn.
          kept.append(columnSums(of: product.b, into: sums))
          product.columnSums = nil
        }
        product.update = .init(parameter: moving(c, to: parameters), l2: l2)
        product.c = nil
        if let sums = product.columnSums, sums.buffer == gradients,
          isOnly(sums), let l2 = draft.pending.take(sums)
        {
          product.columnUpdate = .init(parameter: moving(sums, to: parameters), l2: l2)
          product.columnSums = nil
        }
        // Behind everything that still reads the parameter's old value.
        moved.append(.matmul(product))
      } else if case .oneHotGradient(var product) = instruction,
        product.features.covers(product.weight), product.isSteppable(rows: draft.capacity),
        product.bias == nil, product.weight.buffer == gradients,
        // The product itself adds to what a fill with zeros has written.
        let fill = kept.firstIndex(of: .fill(product.weight, 0)),
        isOnly(product.weight, reads: 1, writes: 2),
        let l2 = draft.pending.take(product.weight)
      {
        kept.remove(at: fill)
        product.weight = moving(product.weight, to: parameters)
        product.updateL2 = l2
        moved.append(.oneHotGradient(product))
      } else {
        kept.append(instruction)
      }
    }
    draft.instructions = kept + moved
  }

  private func columnSums(of matrix: View, into sums: View) -> Instruction {
    let output = View(
      buffer: sums.buffer, offset: sums.offset, extents: [.fixed(1)] + sums.extents,
      strides: [0] + sums.strides)
    return .reduce(
      ReduceInstruction(kind: .sum, input: matrix, reduced: [true, false], output: output))
  }

  private func moving(_ view: View, to buffer: BufferID) -> View {
    var result = view
    result.buffer = buffer
    return result
  }
}
