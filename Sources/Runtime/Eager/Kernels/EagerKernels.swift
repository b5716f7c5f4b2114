import GraphIR
import TensorTypes

/// The eager engine's own loops: plain, one op at a time, sharing nothing with the executor's
/// kernels, so that the two can check each other. Sums accumulate in Double, because a reference
/// should be closer to the truth than what it is compared with.
enum EagerKernels<Scalar: EagerScalar> {
  typealias Tensor = EagerTensor<Scalar>
  typealias Storage = EagerStorage<Scalar>

  static func evaluate(_ op: Op, _ operands: [Tensor], _ sizes: [Int]) throws -> Storage {
    switch op {
    case .source(.constant(let value, let type)): constant(value, type.dtype, elementCount(sizes))
    case .source, .effect:
      throw TypeError(op: op.mnemonic, "depends on the state of an engine")
    case .elementwise(let op): elementwise(op, operands, sizes)
    case .layout(let op): layout(op, operands, sizes)
    case .reduction(let op): reduction(op, operands[0], sizes)
    case .matrix(let op): try matrix(op, operands, sizes)
    case .lookup(let op): try lookup(op, operands, sizes)
    case .convolution(let op): try convolution(op, operands, sizes)
    case .group(let op): group(op, operands, sizes)
    case .fused(let op):
      throw TypeError(op: op.mnemonic, "is computed by the engine as the ops that it stands for")
    }
  }

  private static func constant(_ value: Double, _ dtype: DType, _ count: Int) -> Storage {
    switch dtype {
    case .f32: .floats([Scalar](repeating: Scalar(value), count: count))
    case .i32: .ids([Int32](repeating: Int32(exactly: value.rounded()) ?? 0, count: count))
    case .bool: .mask([Bool](repeating: value != 0, count: count))
    }
  }

  /// An array of `count` elements that `fill` writes, all of them.
  @inline(__always)
  static func array<T>(_ count: Int, _ fill: (UnsafeMutablePointer<T>) throws -> Void) rethrows
    -> [T]
  {
    if count == 0 { return [] }
    return try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { try fill(base) }
      initialized = count
    }
  }
}

/// The number of elements of a tensor of these sizes.
func elementCount(_ sizes: [Int]) -> Int { sizes.reduce(1, *) }
