import GraphIR
import Plan
import TensorTypes

/// Steps tables with a row-wise optimizer straight from the gradients of the lookups: no gradient of
/// the size of the table is written where scatters alone would fill it.
struct UpdateRows: InstructionPass {
  let name = "update_rows"
  let isRequired = true

  func run(_ draft: inout ProgramDraft) {
    let tables = draft.pending.records.filter { draft.tables.contains($0.name) }
    guard !tables.isEmpty else { return }
    let rewrite = RowUpdates(
      capacity: draft.capacity, parameters: draft.parameters, gradients: draft.gradients)
    let fetched = draft.fetched
    var updates: [Instruction] = []
    for record in tables {
      draft.pending.remove(record)
      updates.append(.sparseUpdate(rewrite.update(record, &draft.instructions, fetched)))
    }
    draft.instructions += updates
  }
}

/// How tables are stepped from the gradients of their lookups.
struct RowUpdates {
  let capacity: Int
  let parameters: BufferID
  let gradients: BufferID

  func update(
    _ record: ParameterRecord, _ instructions: inout [Instruction], _ fetches: [View]
  ) -> SparseUpdateInstruction {
    let gradient = record.matrix(in: gradients)
    // Where somebody else computes or reads the gradient it is whole.
    var update = ofWhole(record)
    guard let sources = sources(gradient, instructions, fetches) else { return update }
    update.sources = sources
    instructions = instructions.compactMap { instruction in
      switch instruction {
      case .fill(let fill) where fill.view.mayOverlap(gradient, rows: capacity): return nil
      case .scatterAdd(var scatter):
        scatter.features.removeAll { $0.table == gradient }
        return scatter.features.isEmpty ? nil : .scatterAdd(scatter)
      default: return instruction
      }
    }
    return update
  }

  /// The update by a gradient of the size of the table: every row of it is one occurrence.
  func ofWhole(_ record: ParameterRecord) -> SparseUpdateInstruction {
    SparseUpdateInstruction(
      table: record.matrix(in: parameters), l2: Float(record.l2),
      sources: [.init(ids: nil, pooling: .sum, matrix: record.matrix(in: gradients))])
  }

  /// The lookups whose scatters alone, from zeros on, make the gradient; nil when it is not so.
  private func sources(
    _ gradient: View, _ instructions: [Instruction], _ fetches: [View]
  ) -> [SparseUpdateInstruction.Source]? {
    if fetches.contains(where: { $0.mayOverlap(gradient, rows: capacity) }) { return nil }
    var sources: [SparseUpdateInstruction.Source] = []
    for instruction in instructions {
      switch instruction {
      case .fill(let fill)
      where fill.value == 0 && fill.view.buffer == gradients
        && fill.view.offset == gradient.offset:
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
        let touched = instruction.operands
        if touched.contains(where: { $0.view.mayOverlap(gradient, rows: capacity) }) { return nil }
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

}

extension ParameterRecord {
  /// Its place in a buffer that is the parameter block, or one of the same layout.
  func matrix(in block: BufferID) -> View {
    View(
      buffer: block, offset: offset, extents: [.fixed(rows), .fixed(columns)],
      strides: [rowStride, 1])
  }
}
