import GraphIR
import Plan
import TensorTypes

/// Lets tables with a row-wise optimizer be updated straight from the gradients of the lookups: no
/// gradient of the size of the table is written where scatters alone would fill it.
struct SparseUpdates {
  let layout: ParameterLayout
  let capacity: Int
  let parameters: BufferID
  let gradients: BufferID

  /// Takes the tables out of `updated` and appends their updates.
  func apply(
    to instructions: [Instruction], tables: Set<String>, updated: inout [ParameterID],
    fetches: [View]
  ) -> [Instruction] {
    var instructions = instructions
    var updates: [Instruction] = []
    for id in updated where tables.contains(id.name) {
      guard let record = layout[id] else { continue }
      updates.append(.sparseUpdate(update(record, &instructions, fetches)))
    }
    updated.removeAll { tables.contains($0.name) }
    return instructions + updates
  }

  private func update(
    _ record: ParameterRecord, _ instructions: inout [Instruction], _ fetches: [View]
  ) -> SparseUpdateInstruction {
    let table = matrix(record, parameters)
    let gradient = matrix(record, gradients)
    func update(_ sources: [SparseUpdateInstruction.Source]) -> SparseUpdateInstruction {
      SparseUpdateInstruction(table: table, l2: Float(record.l2), sources: sources)
    }
    guard let sources = sources(gradient, instructions, fetches) else {
      // Somebody else computes or reads the gradient: every row of it is one occurrence.
      return update([.init(ids: nil, pooling: .sum, matrix: gradient)])
    }
    instructions = instructions.compactMap { instruction in
      switch instruction {
      case .fill(let view, _) where view.mayOverlap(gradient, rows: capacity): return nil
      case .scatterAdd(var scatter):
        scatter.features.removeAll { $0.table == gradient }
        return scatter.features.isEmpty ? nil : .scatterAdd(scatter)
      default: return instruction
      }
    }
    return update(sources)
  }

  /// The lookups whose scatters alone, from zeros on, make the gradient; nil when it is not so.
  private func sources(
    _ gradient: View, _ instructions: [Instruction], _ fetches: [View]
  ) -> [SparseUpdateInstruction.Source]? {
    if fetches.contains(where: { $0.mayOverlap(gradient, rows: capacity) }) { return nil }
    var sources: [SparseUpdateInstruction.Source] = []
    for instruction in instructions {
      switch instruction {
      case .fill(let view, 0) where view.buffer == gradients && view.offset == gradient.offset:
        continue
      case .scatterAdd(let scatter):
        for feature in scatter.features
        where feature.table.mayOverlap(gradient, rows: capacity) {
          guard feature.table == gradient,
            let source = source(feature, scatter.matrix, columns: gradient.extents)
          else { return nil }
          sources.append(source)
        }
        if scatter.matrix.mayOverlap(gradient, rows: capacity) { return nil }
      default:
        let touched = instruction.reads + instruction.writes
        if touched.contains(where: { $0.mayOverlap(gradient, rows: capacity) }) { return nil }
      }
    }
    return sources.isEmpty || sources.count > Int(UInt16.max) ? nil : sources
  }

  private func source(
    _ feature: GatherInstruction.Feature, _ matrix: View, columns: [Extent]
  ) -> SparseUpdateInstruction.Source? {
    guard matrix.extents.count == 2, matrix.strides[1] == 1 || matrix.extents[1] == .fixed(1),
      let dimension = columns.last?.size(rows: 1), let length = feature.ids.extents.last
    else { return nil }
    let places = feature.ids.extents.count == 2 ? length.size(rows: 1) : 1
    guard places <= Int(UInt16.max) else { return nil }
    var part = matrix
    part.offset += feature.column
    part.extents[1] = .fixed(feature.pooling == .concat ? places * dimension : dimension)
    return .init(ids: feature.ids, pooling: feature.pooling, matrix: part)
  }

  private func matrix(_ record: ParameterRecord, _ buffer: BufferID) -> View {
    View(
      buffer: buffer, offset: record.offset,
      extents: [.fixed(record.rows), .fixed(record.columns)], strides: [record.rowStride, 1])
  }
}
