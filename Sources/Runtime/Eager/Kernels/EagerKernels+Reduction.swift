import GraphIR

extension EagerKernels {
  static func reduction(_ op: ReductionOp, _ x: Tensor, _ sizes: [Int]) -> Storage {
    switch op {
    case .reduce(let kind, let axes, _):
      switch kind {
      case .sum:
        let total = fold(x, axes, elementCount(sizes), 0.0) { $0 + Double($1) }
        return .floats(total.map { Scalar($0) })
      case .max:
        return .floats(fold(x, axes, elementCount(sizes), -Scalar.infinity) { larger($0, $1) })
      case .min:
        return .floats(fold(x, axes, elementCount(sizes), Scalar.infinity) { smaller($0, $1) })
      }
    case .softmax:
      return .floats(softmax(x))
    }
  }

  /// Combines the elements along `axes` in row-major order.
  @inline(__always)
  private static func fold<A>(
    _ x: Tensor, _ axes: [Int], _ count: Int, _ initial: A, _ combine: (A, Scalar) -> A
  ) -> [A] {
    // The walk runs over x; the result is an operand that stands still along the reduced axes.
    let kept = x.sizes.indices.map { axes.contains($0) ? 1 : x.sizes[$0] }
    let walk = StridedWalk(sizes: x.sizes, strides: [StridedWalk.broadcast(kept, to: x.sizes)])
    var result = [A](repeating: initial, count: count)
    let values = x.floats
    values.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { result in
        let step = walk.steps[0]
        walk.forEachRow { source, offset in
          let target = offset[0]
          if step == 0 {
            var total = result[target]
            for i in 0..<walk.count { total = combine(total, values[source + i]) }
            result[target] = total
          } else {
            for i in 0..<walk.count {
              result[target + i * step] = combine(result[target + i * step], values[source + i])
            }
          }
        }
      }
    }
    return result
  }

  private static func softmax(_ x: Tensor) -> [Scalar] {
    let columns = x.sizes.last ?? 1
    let rows = columns == 0 ? 0 : x.count / columns
    let values = x.floats
    return values.withUnsafeBufferPointer { values in
      array(x.count) { out in
        for row in 0..<rows {
          let range = (row * columns)..<((row + 1) * columns)
          var highest = -Scalar.infinity
          for i in range { highest = larger(highest, values[i]) }
          var total = 0.0
          for i in range {
            let e = Scalar.exp(values[i] - highest)
            out[i] = e
            total += Double(e)
          }
          let scale = Scalar(1 / total)
          for i in range { out[i] *= scale }
        }
      }
    }
  }
}
