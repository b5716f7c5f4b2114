import GraphIR

extension EagerKernels {
  static func layout(_ op: LayoutOp, _ operands: [Tensor], _ sizes: [Int]) -> Storage {
    switch operands[0].storage {
    case .floats: .floats(move(op, operands.map { ($0.sizes, $0.floats) }, sizes, zero: 0))
    case .ids: .ids(move(op, operands.map { ($0.sizes, $0.ids) }, sizes, zero: 0))
    case .mask: .mask(move(op, operands.map { ($0.sizes, $0.mask) }, sizes, zero: false))
    }
  }

  private static func move<T>(
    _ op: LayoutOp, _ operands: [(sizes: [Int], values: [T])], _ sizes: [Int], zero: T
  ) -> [T] {
    let x = operands[0]
    switch op {
    case .reshape:
      return x.values
    case .broadcast:
      return gather(x.values, sizes, StridedWalk.broadcast(x.sizes, to: sizes))
    case .transpose(let permutation):
      let strides = StridedWalk.contiguous(x.sizes)
      return gather(x.values, sizes, permutation.map { strides[$0] })
    case .concat(let axis):
      return interleave(operands.map { ($0.values, blockLength($0.sizes, axis)) }, sizes, axis)
    case .slice(let axis, let start, let end):
      let inner = elementCount(Array(x.sizes[(axis + 1)...]))
      let block = blockLength(x.sizes, axis)
      var result: [T] = []
      result.reserveCapacity(elementCount(sizes))
      for from in stride(from: 0, to: x.values.count, by: Swift.max(block, 1)) {
        result += x.values[(from + start * inner)..<(from + end * inner)]
      }
      return result
    case .pad(let axis, let before, let after):
      let inner = elementCount(Array(x.sizes[(axis + 1)...]))
      let outer = elementCount(Array(x.sizes[..<axis]))
      let leading = [T](repeating: zero, count: outer * before * inner)
      let trailing = [T](repeating: zero, count: outer * after * inner)
      return interleave(
        [
          (leading, before * inner), (x.values, blockLength(x.sizes, axis)),
          (trailing, after * inner),
        ], sizes, axis)
    }
  }

  /// Elements from one step of the axes before `axis` to the next.
  private static func blockLength(_ sizes: [Int], _ axis: Int) -> Int {
    elementCount(Array(sizes[axis...]))
  }

  /// A block of each part in turn, until all are used up.
  private static func interleave<T>(
    _ parts: [(values: [T], block: Int)], _ sizes: [Int], _ axis: Int
  ) -> [T] {
    var result: [T] = []
    result.reserveCapacity(elementCount(sizes))
    for step in 0..<elementCount(Array(sizes[..<axis])) {
      for part in parts {
        result += part.values[(step * part.block)..<((step + 1) * part.block)]
      }
    }
    return result
  }

  /// Result elements in order, read with these strides.
  private static func gather<T>(_ values: [T], _ sizes: [Int], _ strides: [Int]) -> [T] {
    let walk = StridedWalk(sizes: sizes, strides: [strides])
    return values.withUnsafeBufferPointer { values in
      array(elementCount(sizes)) { out in
        let step = walk.steps[0]
        walk.forEachRow { result, offset in
          for i in 0..<walk.count { out[result + i] = values[offset[0] + i * step] }
        }
      }
    }
  }
}
