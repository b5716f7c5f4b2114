import GraphIR
import Plan
import TensorTypes

/// How gradients meet the optimizer: in the epilogue of the product that computes them where that
/// is possible, in one kernel over all that remains otherwise.
struct UpdateFusion {
  let layout: ParameterLayout
  let capacity: Int
  /// Whether products may apply the optimizer themselves.
  var fusesProducts: Bool
  var maximumNorm: Float?
  /// Whether products of a small batch are cut along the weight's rows.
  var splitsProducts = true

  /// Appends the optimizer to a training program's instructions.
  func apply(
    to instructions: [Instruction], gradients: BufferID, parameters: BufferID,
    updated: [ParameterID], fetches: [View]
  ) -> [Instruction] {
    var pending = PendingUpdates(updated.compactMap { layout[$0] })
    var kept: [Instruction] = []
    var moved: [Instruction] = []
    let readGradients = (instructions.flatMap(\.reads) + fetches).filter {
      $0.buffer == gradients
    }
    let written = instructions.flatMap(\.writes).filter { $0.buffer == gradients }
    for instruction in instructions {
      if fusesProducts, case .matmul(var product) = instruction, product.groups == 1,
        !product.accumulate, let c = product.c, c.buffer == gradients,
        isOnly(c, readGradients, written), let l2 = pending.take(c)
      {
        if let sums = product.columnSums, sums.buffer != gradients {
          // Somebody reads the sums before the optimizer's turn.
          kept.append(columnSums(of: product.b, into: sums))
          product.columnSums = nil
        }
        product.update = .init(parameter: moving(c, to: parameters), l2: l2)
        product.c = nil
        if let sums = product.columnSums, sums.buffer == gradients,
          isOnly(sums, readGradients, written), let l2 = pending.take(sums)
        {
          product.columnUpdate = .init(parameter: moving(sums, to: parameters), l2: l2)
          product.columnSums = nil
        }
        // Behind everything that still reads the parameter's old value.
        moved.append(.matmul(product))
      } else if fusesProducts, case .oneHotGradient(var product) = instruction,
        isWithinLimits(product), product.bias == nil, product.weight.buffer == gradients,
        // The product itself adds to what a fill with zeros has written.
        let fill = kept.firstIndex(of: .fill(product.weight, 0)),
        isOnly(product.weight, readGradients, written, reads: 1, writes: 2),
        let l2 = pending.take(product.weight)
      {
        kept.remove(at: fill)
        product.weight = moving(product.weight, to: parameters)
        product.updateL2 = l2
        let parts = splitsProducts ? InnerSplit.parts(product, capacity: capacity) : [product]
        moved += parts.map { .oneHotGradient($0) }
      } else {
        kept.append(instruction)
      }
    }
    let cleared = dropFills(&kept, gradients: gradients, pending: pending)
    let rest = merged(pending.pieces, cleared: cleared)
    if !rest.isEmpty {
      moved.append(.optimizer(OptimizerInstruction(segments: rest, maximumNorm: maximumNorm)))
    }
    return kept + moved
  }

  private func isWithinLimits(_ product: OneHotLinearInstruction) -> Bool {
    typealias Limit = OneHotLinearInstruction
    return product.coversWeight && capacity <= Limit.largestUpdateBatch
      && product.features.allSatisfy { $0.rowCount <= Limit.largestUpdateVocabulary }
  }

  /// Whether a gradient is touched by its product alone.
  private func isOnly(
    _ view: View, _ reads: [View], _ writes: [View], reads readCount: Int = 0,
    writes writeCount: Int = 1
  ) -> Bool {
    reads.count { $0.mayOverlap(view, rows: capacity) } == readCount
      && writes.count { $0.mayOverlap(view, rows: capacity) } == writeCount
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
      guard case .fill(let view, 0) = instruction, view.buffer == gradients,
        let pieces = pending.cover(of: view), !pieces.isEmpty
      else { return false }
      cleared.formUnion(pieces)
      return true
    }
    return cleared
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

  /// Parameters of one penalty that lie next to each other become one segment; where the block is
  /// a matrix of several parameters, only if all of them are there.
  private func merged(
    _ pieces: [PendingUpdates.Piece], cleared: Set<PendingUpdates.Piece>
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
    var segments: [OptimizerInstruction.Segment] = []
    for run in runs {
      if let last = segments.last, last.l2 == run.l2, last.clearsGradient == run.clears {
        let end = last.offset + last.count
        // Padding between parameters has zero gradients and zero values, and stays zero.
        if run.offset == end || isPadding(end..<run.offset) {
          segments[segments.count - 1].count = run.offset + run.count - last.offset
          continue
        }
      }
      segments.append(
        .init(offset: run.offset, count: run.count, l2: run.l2, clearsGradient: run.clears))
    }
    return segments
  }

  private func isPadding(_ range: Range<Int>) -> Bool {
    !layout.blocks.contains {
      $0.offset < range.upperBound
        && $0.offset + ($0.rows - 1) * $0.rowStride + $0.columns > range.lowerBound
    }
  }
}
