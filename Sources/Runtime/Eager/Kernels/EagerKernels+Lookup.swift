import GraphIR

extension EagerKernels {
  static func lookup(_ op: LookupOp, _ operands: [Tensor], _ sizes: [Int]) throws -> Storage {
    switch op {
    case .gather:
      let (table, ids) = (operands[0], operands[1].ids)
      let (rows, width) = (table.sizes[0], table.sizes[1])
      let values = table.floats
      var result = [Scalar](repeating: 0, count: ids.count * width)
      for (place, id) in ids.enumerated() where id >= 0 {
        let row = try check(op, id, rows)
        for column in 0..<width { result[place * width + column] = values[row * width + column] }
      }
      return .floats(result)
    case .scatterAdd(let rows):
      let (ids, updates) = (operands[0].ids, operands[1].floats)
      let width = sizes[1]
      var result = [Scalar](repeating: 0, count: rows * width)
      for (place, id) in ids.enumerated() where id >= 0 {
        let row = try check(op, id, rows)
        for column in 0..<width { result[row * width + column] += updates[place * width + column] }
      }
      return .floats(result)
    case .oneHot(let depth):
      let ids = operands[0].ids
      var result = [Scalar](repeating: 0, count: ids.count * depth)
      for (place, id) in ids.enumerated() where id >= 0 {
        result[place * depth + (try check(op, id, depth))] = 1
      }
      return .floats(result)
    }
  }

  private static func check(_ op: LookupOp, _ id: Int32, _ rows: Int) throws -> Int {
    guard Int(id) < rows else {
      throw EagerError.idOutOfRange(op: op.mnemonic, id: Int(id), rows: rows)
    }
    return Int(id)
  }
}
