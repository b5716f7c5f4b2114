import Plan
import TensorTypes

/// Arithmetic on strided views: how layout ops become other ways to look at the same memory.
enum Views {
  static func extent(_ dimension: Dimension) -> Extent {
    switch dimension {
    case .batches(let times): .batch(times: times)
    case .fixed(let size): .fixed(size)
    }
  }

  static func extents(_ shape: Shape) -> [Extent] { shape.dimensions.map(extent) }

  /// Row-major strides for the batch capacity.
  static func contiguousStrides(_ shape: Shape, capacity: Int) -> [Int] {
    var strides = Array(repeating: 1, count: shape.rank)
    var next = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      strides[axis] = next
      next *= shape[axis].size(batch: capacity)
    }
    return strides
  }

  static func contiguous(_ buffer: BufferID, _ shape: Shape, capacity: Int) -> View {
    View(
      buffer: buffer, extents: extents(shape),
      strides: contiguousStrides(shape, capacity: capacity))
  }

  /// The view under another shape with the same elements in row-major order, if strides can
  /// express it. The batch axis must keep its place among the elements.
  static func reshape(_ view: View, from: Shape, to: Shape) -> View? {
    let strides: [Int]?
    switch (from.batchAxis, to.batchAxis) {
    case (let source?, let target?):
      strides = reshape(view, from, source, to, target)
    case (nil, nil):
      strides = reshape(
        sizes: from.dimensions[...], strides: view.strides[...], to: to.dimensions[...])
    case (_?, nil), (nil, _?): strides = nil
    }
    guard let strides else { return nil }
    return View(buffer: view.buffer, offset: view.offset, extents: extents(to), strides: strides)
  }

  /// The same where both have a batch axis. Of n times the batch it is the batch and an axis of size n
  /// inside it.
  private static func reshape(
    _ view: View, _ from: Shape, _ source: Int, _ to: Shape, _ target: Int
  ) -> [Int]? {
    let (times, copies) = (from[source].fixedFactor, to[target].fixedFactor)
    let outer = reshape(
      sizes: from.dimensions[..<source], strides: view.strides[..<source],
      to: to.dimensions[..<target])
    let inner = reshape(
      sizes: [.fixed(times)] + from.dimensions[(source + 1)...],
      strides: [view.strides[source]] + view.strides[(source + 1)...],
      to: [.fixed(copies)] + to.dimensions[(target + 1)...])
    guard let outer, let inner else { return nil }
    let stride = view.strides[source] * times
    guard copies == 1 || inner[0] * copies == stride else { return nil }
    return outer + [copies == 1 ? stride : inner[0]] + inner.dropFirst()
  }

  /// The strides of static axes under other static axes: source axes are merged into runs that are
  /// contiguous among themselves, and each run is split again.
  private static func reshape(
    sizes: ArraySlice<Dimension>, strides: ArraySlice<Int>, to target: ArraySlice<Dimension>
  ) -> [Int]? {
    var runs: [(size: Int, stride: Int)] = []
    for (dimension, stride) in zip(sizes, strides) {
      guard let size = dimension.fixedSize else { return nil }
      if size == 1 { continue }
      if let last = runs.last, last.stride == stride * size {
        runs[runs.count - 1] = (last.size * size, stride)
      } else {
        runs.append((size, stride))
      }
    }
    let to = target.map { $0.fixedSize ?? 0 }
    var result = Array(repeating: 0, count: to.count)
    var axis = to.count - 1
    for run in runs.reversed() {
      var covered = 1
      while covered < run.size {
        guard axis >= 0, to[axis] > 0, run.size % (covered * to[axis]) == 0 else { return nil }
        result[axis] = to[axis] == 1 ? 0 : run.stride * covered
        covered *= to[axis]
        axis -= 1
      }
    }
    return to[..<(axis + 1)].allSatisfy { $0 == 1 } ? result : nil
  }

  static func slice(_ view: View, axis: Int, start: Int, end: Int) -> View {
    var result = view
    result.offset += start * view.strides[axis]
    result.extents[axis] = .fixed(end - start)
    return result
  }

  static func transpose(_ view: View, _ permutation: [Int]) -> View {
    var result = view
    result.extents = permutation.map { view.extents[$0] }
    result.strides = permutation.map { view.strides[$0] }
    return result
  }

  /// The view with stride 0 along the axes that `shape` stretches.
  static func broadcast(_ view: View, from: Shape, to shape: Shape) -> View {
    let extra = shape.rank - from.rank
    var strides = Array(repeating: 0, count: shape.rank)
    for axis in 0..<from.rank where from[axis] == shape[axis + extra] {
      strides[axis + extra] = view.strides[axis]
    }
    for axis in 0..<shape.rank where shape[axis] == 1 { strides[axis] = 0 }
    return View(
      buffer: view.buffer, offset: view.offset, extents: extents(shape), strides: strides)
  }

  /// A matrix view whose rows are contiguous: leading axes merged into rows, the last axis columns.
  /// nil when the strides do not allow it.
  static func matrix(_ view: View, _ shape: Shape) -> View? {
    guard let columns = shape.last?.fixedSize, shape.rank >= 1 else { return nil }
    guard columns == 1 || view.strides[shape.rank - 1] == 1 else { return nil }
    var rows = Extent.fixed(1)
    var stride = 0
    var hasStride = false
    for axis in downwards(shape.rank - 2) where shape[axis] != 1 {
      if !hasStride {
        stride = view.strides[axis]
        rows = extent(shape[axis])
        hasStride = true
        continue
      }
      guard case .fixed(let inner) = rows, view.strides[axis] == stride * inner else { return nil }
      switch shape[axis] {
      case .batches(let times): rows = .batch(times: times * inner)
      case .fixed(let outer): rows = .fixed(outer * inner)
      }
    }
    return View(
      buffer: view.buffer, offset: view.offset, extents: [rows, .fixed(columns)],
      strides: [hasStride ? stride : columns, 1])
  }

  private static func downwards(_ from: Int) -> StrideThrough<Int> {
    stride(from: from, through: 0, by: -1)
  }
}
