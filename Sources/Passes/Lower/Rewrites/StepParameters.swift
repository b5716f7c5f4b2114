import GraphIR
import Plan
import TensorTypes

/// Appends the step of all parameters that no other instruction has stepped, as one kernel.
struct StepParameters: InstructionPass {
  let name = "step_parameters"
  let isRequired = true

  func run(_ draft: inout ProgramDraft) {
    guard !draft.pending.records.isEmpty else { return }
    let gradients = draft.gradients
    let cleared = dropFills(&draft.instructions, gradients: gradients, pending: draft.pending)
    let segments = merged(draft.pending.pieces, cleared: cleared, draft.layout)
    guard !segments.isEmpty else { return }
    func block(_ buffer: BufferID) -> View {
      View(buffer: buffer, extents: [.fixed(draft.layout.floats)], strides: [1])
    }
    draft.instructions.append(
      .optimizer(
        OptimizerInstruction(
          parameters: block(draft.parameters), gradients: block(gradients), segments: segments,
          maximumNorm: draft.maximumNorm)))
    draft.pending = PendingUpdates([])
  }

  /// Gradients that are added up start from zeros. Where the optimizer reads all of them anyway, it
  /// leaves the zeros behind for the next step (a session's gradient block starts as zeros), and the
  /// instruction that would write them goes.
  /// - Returns: The pieces whose gradients the optimizer clears.
  private func dropFills(
    _ instructions: inout [Instruction], gradients: BufferID, pending: PendingUpdates
  ) -> Set<PendingUpdates.Piece> {
    var cleared: Set<PendingUpdates.Piece> = []
    instructions.removeAll { instruction in
      guard case .fill(let fill) = instruction, fill.value == 0, fill.view.buffer == gradients,
        let pieces = pending.cover(of: fill.view), !pieces.isEmpty
      else { return false }
      cleared.formUnion(pieces)
      return true
    }
    return cleared
  }

  /// Parameters of one penalty that lie next to each other become one segment; where the block is
  /// a matrix of several parameters, only if all of them are there.
  private func merged(
    _ pieces: [PendingUpdates.Piece], cleared: Set<PendingUpdates.Piece>, _ layout: ParameterLayout
  ) -> [OptimizerInstruction.Segment] {
    var runs: [(offset: Int, count: Int, l2: Float, clears: Bool)] = []
    for piece in pieces {
      let clears = cleared.contains(piece)
      if piece.isDense {
        runs.append((piece.offset, piece.elements, Float(piece.l2), clears))
      } else {
        for row in 0..<piece.rows {
          runs.append(
            (piece.offset + row * piece.rowStride, piece.columns, Float(piece.l2), clears))
        }
      }
    }
    runs.sort { $0.offset < $1.offset }
    var used = OverlapIndex<Void>()
    for block in layout.blocks {
      let end = block.offset + (block.rows - 1) * block.rowStride + block.columns
      used.insert((), at: MemoryPlace(run: block.offset..<end))
    }
    var segments: [OptimizerInstruction.Segment] = []
    for run in runs {
      if let last = segments.last, last.l2 == run.l2, last.clearsGradient == run.clears {
        let end = last.offset + last.count
        // Padding between parameters has zero gradients and zero values, and stays zero.
        let gap = MemoryPlace(run: end..<run.offset)
        if run.offset == end || !used.contains(at: gap, where: { true }) {
          segments[segments.count - 1].count = run.offset + run.count - last.offset
          continue
        }
      }
      segments.append(
        .init(offset: run.offset, count: run.count, l2: run.l2, clearsGradient: run.clears))
    }
    return segments
  }
}
