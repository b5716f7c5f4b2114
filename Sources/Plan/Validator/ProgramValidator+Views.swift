import TensorTypes

/// Resolving views, and the words of shape checks that all instructions share.
extension ProgramValidator {
  /// The region of a view whose extents are its own; reports and returns nil if it does not lie
  /// inside its buffer.
  mutating func resolve(_ view: View, _ role: String) -> Region? {
    resolve(view, extents: view.extents, role)
  }

  /// The region that a loop over `extents` touches through the view's strides.
  mutating func resolve(_ view: View, extents: [Extent], _ role: String) -> Region? {
    guard program.buffers.indices.contains(view.buffer.index) else {
      report("\(role): there is no buffer \(view.buffer)")
      return nil
    }
    let buffer = program[view.buffer]
    guard extents.count == view.strides.count, view.extents.count == view.strides.count,
      extents.count <= ElementwiseInstruction.maximumRank
    else {
      report("\(role): \(view.extents.count) extents and \(view.strides.count) strides")
      return nil
    }
    guard let sizes = sizes(extents), view.offset >= 0, view.offset <= buffer.count,
      let region = Region(
        space: buffer.space, start: buffer.offset + view.offset, sizes: sizes,
        strides: view.strides),
      region.bounds.upperBound <= buffer.offset + buffer.count
    else {
      report("\(role): [\(text(extents))] does not lie inside \(view.buffer)")
      return nil
    }
    return region
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

  /// Notes that the current instruction touches the view; what it writes must not repeat elements.
  @discardableResult
  mutating func touch(
    _ view: View, _ mode: Access.Mode, _ role: String, dtype: DType = .f32,
    repeatable: Bool = false
  ) -> Region? {
    guard let region = resolve(view, role) else { return nil }
    let buffer = program[view.buffer]
    if buffer.dtype != dtype { report("\(role) is \(buffer.dtype), expected \(dtype)") }
    let moving = (sizes(view.extents) ?? []).count { $0 > 1 }
    if mode != .read, !repeatable, !region.isInjective(axesThatMove: moving) {
      report("\(role): it writes an element twice")
    }
    accesses[accesses.count - 1].append(Access(buffer: view.buffer, region: region, mode: mode))
    return region
  }

  /// Reports a written region that meets a read one, unless both are the same elements in the same
  /// order and the kernel can work in place.
  mutating func checkAlias(
    _ written: Region?, _ read: Region?, _ role: String, inPlace: Bool = false
  ) {
    guard let written, let read, !written.isDisjoint(from: read) else { return }
    if inPlace, written.isIdentical(to: read) { return }
    report("\(role) overlaps what the same instruction reads")
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

  /// Whether `count` columns from `first` on lie inside a matrix of `limit` columns.
  func fits(_ first: Int, _ count: Int, in limit: Int) -> Bool {
    first >= 0 && count >= 0 && count <= limit && first <= limit - count
  }
}
