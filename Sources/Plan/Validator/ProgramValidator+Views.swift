import TensorTypes

/// Resolving views, and the words of shape checks that all instructions share.
extension ProgramValidator {
  /// The region of a view; reports and returns nil if it does not lie inside its buffer.
  mutating func resolve(_ view: View, _ role: String) -> Region? {
    guard program.buffers.indices.contains(view.buffer.index) else {
      report("\(role): there is no buffer \(view.buffer)")
      return nil
    }
    guard view.extents.count == view.strides.count,
      view.extents.count <= ElementwiseInstruction.maximumRank
    else {
      report("\(role): \(view.extents.count) extents and \(view.strides.count) strides")
      return nil
    }
    let buffer = program[view.buffer]
    guard view.offset <= buffer.count, let sizes = sizes(view.extents),
      let region = region(view, sizes), region.bounds.upperBound <= buffer.offset + buffer.count
    else {
      report("\(role): [\(text(view.extents))] does not lie inside \(view.buffer)")
      return nil
    }
    return region
  }

  /// What a view of those sizes takes up in its space, inside of its buffer or not.
  func region(_ view: View, _ sizes: [Int]) -> Region? {
    guard program.buffers.indices.contains(view.buffer.index), view.offset >= 0 else { return nil }
    let buffer = program[view.buffer]
    return Region(
      space: buffer.space, start: buffer.offset.plus(view.offset), sizes: sizes,
      strides: view.strides)
  }

  /// Whether a view is the whole of one parameter.
  func isParameter(_ view: View) -> Bool {
    guard program.buffers.indices.contains(view.buffer.index) else { return false }
    let buffer = program[view.buffer]
    return buffer.space == .parameters
      && parameters.contains {
        $0.offset == view.offset.plus(buffer.offset)
          && view.extents == [.fixed($0.rows), .fixed($0.columns)]
          && view.strides == [$0.rowStride, 1]
      }
  }

  /// Sizes at the batch capacity, each at least 1; nil if one is not or overflows.
  func sizes(_ extents: [Extent]) -> [Int]? {
    var sizes: [Int] = []
    for extent in extents {
      switch extent {
      case .fixed(let size):
        guard (1...PlanValidator.maximumElements).contains(size) else { return nil }
        sizes.append(size)
      case .batch(let times):
        let (size, overflow) = times.multipliedReportingOverflow(by: program.batchCapacity)
        guard times >= 1, !overflow, size <= PlanValidator.maximumElements else { return nil }
        sizes.append(size)
      }
    }
    return sizes
  }

  func text(_ extents: [Extent]) -> String {
    extents.map(\.description).joined(separator: ", ")
  }

  mutating func expect(_ actual: [Extent], _ expected: [Extent], _ role: String) {
    if actual != expected {
      report("\(role) has shape [\(text(actual))], expected [\(text(expected))]")
    }
  }

  /// Kernels want the last axis of a matrix without gaps.
  mutating func expectDenseRows(_ view: View, _ role: String) {
    guard let last = view.extents.last, let stride = view.strides.last else { return }
    if stride != 1, last != .fixed(1) { report("\(role): its last axis has stride \(stride)") }
  }

  /// The row and column extents of a view of rank 2.
  mutating func matrix(_ view: View, _ role: String) -> (rows: Extent, columns: Extent)? {
    guard view.extents.count == 2, view.strides.count == 2 else {
      report("\(role) has rank \(view.extents.count), expected a matrix")
      return nil
    }
    expectDenseRows(view, role)
    return (view.extents[0], view.extents[1])
  }

  /// As `matrix`, with a number of columns that does not depend on the batch.
  mutating func fixedColumns(_ view: View, _ role: String) -> (rows: Extent, columns: Int)? {
    guard let matrix = matrix(view, role) else { return nil }
    guard case .fixed(let columns) = matrix.columns else {
      report("\(role): its columns depend on the batch")
      return nil
    }
    return (matrix.rows, columns)
  }

  /// The factor of an L2 penalty.
  mutating func expectFactor(_ l2: Float, _ role: String) {
    if !l2.isFinite || l2 < 0 { report("\(role): an L2 factor of \(l2)") }
  }

  /// The columns that an activation is on, of so many; nil means all.
  mutating func expectColumns(_ columns: Range<Int>?, in limit: Extent) {
    guard let columns else { return }
    if case .fixed(let limit) = limit, columns.lowerBound >= 0, columns.upperBound <= limit {
      return
    }
    report("activation on columns \(columns) of \(limit)")
  }

  /// Whether `count` columns from `first` on lie inside a matrix of `limit` columns.
  func fits(_ first: Int, _ count: Int, in limit: Int) -> Bool {
    first >= 0 && count >= 0 && count <= limit && first <= limit - count
  }
}
