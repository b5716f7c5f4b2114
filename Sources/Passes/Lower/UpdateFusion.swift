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

  /// Appends the optimizer to a training program's instructions.
  func apply(
    to instructions: [Instruction], gradients: BufferID, parameters: BufferID,
    updated: [ParameterID], fetches: [View]
  ) -> [Instruction] {
    var pending = segments(updated)
    var kept: [Instruction] = []
    var moved: [Instruction] = []
    let readGradients = (instructions.flatMap(\.reads) + fetches).filter {
      $0.buffer == gradients
    }
    let written = instructions.flatMap(\.writes).filter { $0.buffer == gradients }
    for instruction in instructions {
      guard fusesProducts, case .matmul(var product) = instruction, product.groups == 1,
        !product.accumulate,
        let c = product.c, c.buffer == gradients,
        let l2 = take(c, from: &pending, readGradients, written)
      else {
        kept.append(instruction)
        continue
      }
      if let sums = product.columnSums, sums.buffer != gradients {
        // Somebody reads the sums before the optimizer's turn.
        kept.append(columnSums(of: product.b, into: sums))
        product.columnSums = nil
      }
      product.update = .init(parameter: moving(c, to: parameters), l2: l2)
      product.c = nil
      if let sums = product.columnSums, sums.buffer == gradients,
        let l2 = take(sums, from: &pending, readGradients, written)
      {
        product.columnUpdate = .init(parameter: moving(sums, to: parameters), l2: l2)
        product.columnSums = nil
      }
      // Behind everything that still reads the parameter's old value.
      moved.append(.matmul(product))
    }
    let cleared = dropFills(&kept, gradients: gradients, pending: pending)
    let rest = merged(pending, cleared: cleared)
    if !rest.isEmpty {
      moved.append(.optimizer(OptimizerInstruction(segments: rest, maximumNorm: maximumNorm)))
    }
    return kept + moved
  }

  /// Gradients that are added up start from zeros. Where the optimizer reads all of them anyway, it
  /// leaves the zeros behind for the next step (a session's gradient block starts as zeros), and the
  /// instruction that would write them goes.
  /// - Returns: The names of the parameters whose gradients the optimizer clears.
  private func dropFills(
    _ instructions: inout [Instruction], gradients: BufferID, pending: [ParameterRecord]
  ) -> Set<String> {
    let names = Set(pending.map(\.name))
    var cleared: Set<String> = []
    instructions.removeAll { instruction in
      guard case .fill(let view, 0) = instruction, view.buffer == gradients else { return false }
      let members = layout.records.filter {
        matrix($0, in: gradients).mayOverlap(view, rows: capacity)
      }
      guard !members.isEmpty, members.allSatisfy({ names.contains($0.name) }) else { return false }
      cleared.formUnion(members.map(\.name))
      return true
    }
    return cleared
  }

  private func matrix(_ record: ParameterRecord, in buffer: BufferID) -> View {
    View(
      buffer: buffer, offset: record.offset,
      extents: [.fixed(record.rows), .fixed(record.columns)], strides: [record.rowStride, 1])
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

  /// Takes the parameters of a whole gradient view out of the pending ones: only when the view
  /// covers exactly whole updated parameters of one penalty, is written once and read by nobody.
  private func take(
    _ view: View, from pending: inout [ParameterRecord], _ reads: [View], _ writes: [View]
  ) -> Float? {
    let members = pending.filter { covers(view, $0) }
    let elements = members.reduce(0) { $0 + $1.rows * $1.columns }
    guard let first = members.first, members.allSatisfy({ $0.l2 == first.l2 }),
      elements == view.extents.reduce(1, { $0 * $1.size(rows: 1) }),
      !view.extents.contains(where: { if case .batch = $0 { true } else { false } }),
      !reads.contains(where: { $0.mayOverlap(view, rows: capacity) }),
      writes.filter({ $0.mayOverlap(view, rows: capacity) }).count == 1
    else { return nil }
    let names = Set(members.map(\.name))
    pending.removeAll { names.contains($0.name) }
    return Float(first.l2)
  }

  private func covers(_ view: View, _ record: ParameterRecord) -> Bool {
    let rowStride = view.extents.count == 2 ? view.strides[0] : 0
    let columns = view.extents.last?.size(rows: 1) ?? 0
    let rows = view.extents.count == 2 ? view.extents[0].size(rows: 1) : 1
    let start = record.offset - view.offset
    guard start >= 0 else { return false }
    if rows == 1 {
      // A contiguous run.
      let dense = record.rows == 1 || record.rowStride == record.columns
      return dense && start + record.rows * record.columns <= columns
    }
    if record.rows > 1, record.rowStride != rowStride { return false }
    let column = start % rowStride
    return column + record.columns <= columns && start / rowStride + record.rows <= rows
  }

  private func segments(_ updated: [ParameterID]) -> [ParameterRecord] {
    updated.compactMap { layout[$0] }
  }

  /// Parameters of one penalty that lie next to each other become one segment; where the block is
  /// a matrix of several parameters, only if all of them are there.
  private func merged(
    _ records: [ParameterRecord], cleared: Set<String>
  ) -> [OptimizerInstruction.Segment] {
    var runs: [(offset: Int, count: Int, l2: Float, clears: Bool)] = []
    for record in records {
      let clears = cleared.contains(record.name)
      if record.rows == 1 || record.rowStride == record.columns {
        runs.append((record.offset, record.rows * record.columns, Float(record.l2), clears))
      } else {
        for row in 0..<record.rows {
          let offset = record.offset + row * record.rowStride
          runs.append((offset, record.columns, Float(record.l2), clears))
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
