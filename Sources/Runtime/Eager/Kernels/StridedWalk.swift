/// The order in which a kernel visits the elements of up to three broadcast operands: rows of
/// `count` elements, contiguous in the result. Neighbouring axes that all operands step through
/// evenly are merged, so that most walks have one or two long loops.
struct StridedWalk {
  /// Elements of the inner loop.
  private(set) var count = 1
  /// Steps of the inner loop, one per operand.
  private(set) var steps: SIMD4<Int> = .zero
  /// The outer axes, outermost first.
  private var outer: [(size: Int, strides: SIMD4<Int>)] = []
  private var isEmpty = false

  /// - Parameters:
  ///   - sizes: the sizes that are walked.
  ///   - strides: for each operand its stride along each axis of `sizes`; 0 repeats.
  init(sizes: [Int], strides: [[Int]]) {
    var axes: [(size: Int, strides: SIMD4<Int>)] = []
    for (axis, size) in sizes.enumerated() where size != 1 {
      var step = SIMD4<Int>.zero
      for (operand, values) in strides.enumerated() { step[operand] = values[axis] }
      if let last = axes.last, last.strides == step &* size {
        axes[axes.count - 1] = (last.size * size, step)
      } else {
        axes.append((size, step))
      }
    }
    isEmpty = sizes.contains(0)
    if let inner = axes.popLast() {
      count = inner.size
      steps = inner.strides
    }
    outer = axes
  }

  /// Calls `row(result offset, operand offsets)` for every row in order.
  @inline(__always)
  func forEachRow(_ row: (Int, SIMD4<Int>) -> Void) {
    if isEmpty { return }
    var index = [Int](repeating: 0, count: outer.count)
    var offsets = SIMD4<Int>.zero
    var result = 0
    while true {
      row(result, offsets)
      result += count
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        offsets &+= outer[axis].strides
        if index[axis] < outer[axis].size { break }
        offsets &-= outer[axis].strides &* outer[axis].size
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Row-major strides of a tensor of these sizes.
  static func contiguous(_ sizes: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: sizes.count)
    var step = 1
    for axis in sizes.indices.reversed() {
      strides[axis] = step
      step *= sizes[axis]
    }
    return strides
  }

  /// The strides with which a tensor of `sizes` is read to fill `result` (trailing axes aligned).
  static func broadcast(_ sizes: [Int], to result: [Int]) -> [Int] {
    let own = contiguous(sizes)
    let extra = result.count - sizes.count
    return result.indices.map { axis in
      axis < extra || (sizes[axis - extra] == 1 && result[axis] != 1) ? 0 : own[axis - extra]
    }
  }
}
