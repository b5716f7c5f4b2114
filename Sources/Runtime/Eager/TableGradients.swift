import GraphIR

/// The gradients of tables that several lookups read, added up in place: a table of its size for
/// each lookup, as `scatterAdd` gives, would take most of the time of a step.
struct TableGradients<Scalar: EagerScalar> {
  /// By the id of the table's tensor.
  private(set) var sums: [Int: [Scalar]] = [:]
  private let tables: Set<Int>

  /// - Parameters:
  ///   - isOn: false where derivatives are recorded, so that they must be ops.
  ///   - tape: what was computed; a source among it passes its derivative on.
  init(
    isOn: Bool, _ sources: [EagerTensor<Scalar>], tape: [EagerEngine<Scalar>.TapeEntry]
  ) {
    tables = isOn ? Set(sources.map(\.id)).subtracting(tape.map(\.result.id)) : []
  }

  /// Adds what a lookup in one of the sources contributes to the source's derivative.
  /// - Parameter gradient: the derivative by the looked up rows.
  /// - Returns: false for anything else.
  mutating func take(
    _ entry: EagerEngine<Scalar>.TapeEntry, _ gradient: EagerTensor<Scalar>
  ) throws -> Bool {
    guard case .lookup(.gather) = entry.op, tables.contains(entry.operands[0].id) else {
      return false
    }
    let (table, ids) = (entry.operands[0], entry.operands[1].ids)
    let updates = gradient.floats
    try Self.add(
      ids, updates, rows: table.sizes[0], width: table.sizes[1],
      to: &sums[table.id, default: [Scalar](repeating: 0, count: table.count)])
    return true
  }

  private static func add(
    _ ids: [Int32], _ updates: [Scalar], rows: Int, width: Int, to sum: inout [Scalar]
  ) throws {
    for (place, id) in ids.enumerated() where id >= 0 {
      guard Int(id) < rows else {
        throw EagerError.idOutOfRange(op: "scatter_add", id: Int(id), rows: rows)
      }
      let row = Int(id)
      for column in 0..<width { sum[row * width + column] += updates[place * width + column] }
    }
  }
}
