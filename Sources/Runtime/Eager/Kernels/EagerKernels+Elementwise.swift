import GraphIR

extension EagerKernels {
  static func elementwise(_ op: ElementwiseOp, _ operands: [Tensor], _ sizes: [Int]) -> Storage {
    switch op {
    case .unary(let kind):
      return .floats(unary(kind, operands[0].floats))
    case .binary(let kind):
      return .floats(binary(kind, operands[0], operands[1], sizes))
    case .compare(let kind):
      return .mask(compare(kind, operands[0], operands[1], sizes))
    case .select:
      return .floats(select(operands[0], operands[1], operands[2], sizes))
    case .convertToFloat:
      return .floats(operands[0].floats)
    case .isPresent:
      return .mask(operands[0].ids.map { $0 >= 0 })
    case .stopGradient:
      return operands[0].storage
    }
  }

  private static func binary(
    _ kind: ElementwiseOp.Binary, _ a: Tensor, _ b: Tensor, _ sizes: [Int]
  ) -> [Scalar] {
    switch kind {
    case .add: zip(a, b, sizes) { $0 + $1 }
    case .sub: zip(a, b, sizes) { $0 - $1 }
    case .mul: zip(a, b, sizes) { $0 * $1 }
    case .div: zip(a, b, sizes) { $0 / $1 }
    case .max: zip(a, b, sizes, larger)
    case .min: zip(a, b, sizes, smaller)
    }
  }

  /// NaN if either is.
  @inline(__always)
  static func larger(_ a: Scalar, _ b: Scalar) -> Scalar { a >= b || a.isNaN ? a : b }
  @inline(__always)
  static func smaller(_ a: Scalar, _ b: Scalar) -> Scalar { a <= b || a.isNaN ? a : b }

  private static func compare(
    _ kind: ElementwiseOp.Comparison, _ a: Tensor, _ b: Tensor, _ sizes: [Int]
  ) -> [Bool] {
    switch kind {
    case .equal: zip(a, b, sizes) { $0 == $1 }
    case .notEqual: zip(a, b, sizes) { $0 != $1 }
    case .less: zip(a, b, sizes) { $0 < $1 }
    case .lessEqual: zip(a, b, sizes) { $0 <= $1 }
    case .greater: zip(a, b, sizes) { $0 > $1 }
    case .greaterEqual: zip(a, b, sizes) { $0 >= $1 }
    }
  }

  private static func select(
    _ mask: Tensor, _ a: Tensor, _ b: Tensor, _ sizes: [Int]
  ) -> [Scalar] {
    let walk = StridedWalk(
      sizes: sizes, strides: [mask, a, b].map { StridedWalk.broadcast($0.sizes, to: sizes) })
    let (condition, left, right) = (mask.mask, a.floats, b.floats)
    return condition.withUnsafeBufferPointer { condition in
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          array(elementCount(sizes)) { out in
            let steps = walk.steps
            walk.forEachRow { result, offset in
              for i in 0..<walk.count {
                out[result + i] =
                  condition[offset[0] + i * steps[0]]
                  ? left[offset[1] + i * steps[1]] : right[offset[2] + i * steps[2]]
              }
            }
          }
        }
      }
    }
  }

  /// body(a, b) over the broadcast operands.
  @inline(__always)
  private static func zip<R>(
    _ a: Tensor, _ b: Tensor, _ sizes: [Int], _ body: (Scalar, Scalar) -> R
  ) -> [R] {
    let walk = StridedWalk(
      sizes: sizes,
      strides: [
        StridedWalk.broadcast(a.sizes, to: sizes), StridedWalk.broadcast(b.sizes, to: sizes),
      ])
    let (left, right) = (a.floats, b.floats)
    return left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return [] }
        return array(elementCount(sizes)) { out in
          // One loop for each way to step, so that the compiler can vectorise it.
          let (stepA, stepB) = (walk.steps[0], walk.steps[1])
          walk.forEachRow { result, offset in
            let (x, y, z) = (left + offset[0], right + offset[1], out + result)
            if stepA == 1 && stepB == 1 {
              for i in 0..<walk.count { z[i] = body(x[i], y[i]) }
            } else if stepB == 0 && stepA == 1 {
              let value = y[0]
              for i in 0..<walk.count { z[i] = body(x[i], value) }
            } else if stepA == 0 && stepB == 1 {
              let value = x[0]
              for i in 0..<walk.count { z[i] = body(value, y[i]) }
            } else {
              for i in 0..<walk.count { z[i] = body(x[i * stepA], y[i * stepB]) }
            }
          }
        }
      }
    }
  }
}
