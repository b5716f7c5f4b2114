import TensorTypes

/// Ops that move elements without computing. Axes count from 0 at the outermost.
public enum LayoutOp: Sendable, Hashable {
  /// The same elements in the same row-major order under another shape.
  case reshape(Shape)
  /// Repeats along new leading axes and axes of size 1.
  case broadcast(Shape)
  /// Result axis i is operand axis permutation[i].
  case transpose([Int])
  /// One or more operands, one after the other along a static axis.
  case concat(axis: Int)
  /// The part start..<end of a static axis.
  case slice(axis: Int, start: Int, end: Int)
  /// Zeros before and after along a static axis: the gradient of slice.
  case pad(axis: Int, before: Int, after: Int)

  public var mnemonic: String {
    switch self {
    case .reshape: "reshape"
    case .broadcast: "broadcast"
    case .transpose: "transpose"
    case .concat: "concat"
    case .slice: "slice"
    case .pad: "pad"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    if case .concat(let axis) = self { return [try inferConcat(operands, axis)] }
    try checkCount(mnemonic, operands, 1)
    let type = operands[0]
    switch self {
    case .reshape(let shape):
      if let defect = shape.defect { throw TypeError(op: mnemonic, "\(shape) \(defect)") }
      guard shape.hasBatch == type.shape.hasBatch, shape.fixedCount == type.shape.fixedCount else {
        throw TypeError(op: mnemonic, "\(type) does not hold as many elements as \(shape)")
      }
      return [TensorType(type.dtype, shape)]
    case .broadcast(let shape):
      guard type.shape.broadcast(with: shape) == shape else {
        throw TypeError(op: mnemonic, "\(type) does not broadcast to \(shape)")
      }
      return [TensorType(type.dtype, shape)]
    case .transpose(let permutation):
      guard permutation.sorted() == Array(0..<type.shape.rank) else {
        throw TypeError(op: mnemonic, "\(permutation) is not a permutation of the axes of \(type)")
      }
      return [TensorType(type.dtype, Shape(permutation.map { type.shape[$0] }))]
    case .concat(let axis):
      return [try inferConcat(operands, axis)]
    case .slice(let axis, let start, let end):
      let size = try staticSize(type, axis)
      guard start >= 0, start < end, end <= size else {
        throw TypeError(
          op: mnemonic, "range \(start)..<\(end) is not within axis \(axis) of \(type)")
      }
      return [replacing(type, axis, end - start)]
    case .pad(let axis, let before, let after):
      let size = try staticSize(type, axis)
      let range = 0...Shape.maximumCount
      guard range.contains(before), range.contains(after) else {
        throw TypeError(op: mnemonic, "padding \(before), \(after) is negative or too large")
      }
      return [replacing(type, axis, before + size + after)]
    }
  }

  private func inferConcat(_ operands: [TensorType], _ axis: Int) throws -> TensorType {
    guard let first = operands.first else {
      throw TypeError.count(mnemonic, operands, expected: "at least 1")
    }
    var total = 0
    for (index, type) in operands.enumerated() {
      guard type.shape.rank == first.shape.rank, type.dtype == first.dtype else {
        throw TypeError.operand(mnemonic, index, type, expected: "\(first) but for axis \(axis)")
      }
      total += try staticSize(type, axis)
      for other in 0..<first.shape.rank
      where other != axis && type.shape[other] != first.shape[other] {
        throw TypeError.operand(mnemonic, index, type, expected: "\(first) but for axis \(axis)")
      }
    }
    return replacing(first, axis, total)
  }

  private func staticSize(_ type: TensorType, _ axis: Int) throws -> Int {
    guard axis >= 0, axis < type.shape.rank, let size = type.shape[axis].fixedSize else {
      throw TypeError(op: mnemonic, "axis \(axis) of \(type) is not a static axis")
    }
    return size
  }

  private func replacing(_ type: TensorType, _ axis: Int, _ size: Int) -> TensorType {
    var dimensions = type.shape.dimensions
    dimensions[axis] = .fixed(size)
    return TensorType(type.dtype, Shape(dimensions))
  }
}
