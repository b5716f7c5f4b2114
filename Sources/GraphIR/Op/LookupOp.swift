import TensorTypes

/// Rows of tables by id. A negative id is padding: it reads zeros and adds nothing.
public enum LookupOp: Sendable, Hashable {
  /// (table f32[V, D], ids i32[s…]) → f32[s…, D].
  case gather
  /// (ids i32[s…], updates f32[s…, D]) → f32[rows, D]: each update added to the row of its id, in
  /// the order of the ids. The gradient of gather.
  case scatterAdd(rows: Int)
  /// ids i32[s…] → f32[s…, depth], 1 at the id's place.
  case oneHot(depth: Int)

  public var mnemonic: String {
    switch self {
    case .gather: "gather"
    case .scatterAdd: "scatter_add"
    case .oneHot: "one_hot"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .gather:
      try checkCount(mnemonic, operands, 2)
      guard operands[0].dtype == .f32, operands[0].shape.rank == 2, !operands[0].shape.hasBatch
      else {
        throw TypeError.operand(mnemonic, 0, operands[0], expected: "a table f32[rows, columns]")
      }
      try checkDType(mnemonic, operands, 1, .i32)
      let ids = operands[1].shape
      return [TensorType(.f32, Shape(ids.dimensions + [operands[0].shape[1]]))]
    case .scatterAdd(let rows):
      try checkCount(mnemonic, operands, 2)
      try checkDType(mnemonic, operands, 0, .i32)
      let ids = operands[0].shape
      guard operands[1].dtype == .f32, operands[1].shape.rank == ids.rank + 1, rows > 0,
        Array(operands[1].shape.dimensions.dropLast()) == ids.dimensions,
        let columns = operands[1].shape.last?.fixedSize
      else {
        throw TypeError.operand(
          mnemonic, 1, operands[1], expected: "f32 of shape \(ids) with one static axis more")
      }
      return [.f32(.fixed(rows), .fixed(columns))]
    case .oneHot(let depth):
      try checkCount(mnemonic, operands, 1)
      try checkDType(mnemonic, operands, 0, .i32)
      guard depth > 0 else { throw TypeError(op: mnemonic, "depth \(depth) is not positive") }
      return [TensorType(.f32, Shape(operands[0].shape.dimensions + [.fixed(depth)]))]
    }
  }
}
