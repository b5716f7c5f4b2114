import GraphIR
import Plan
import TensorTypes

/// Splits the training program of a plan with micro-batches: what remains computes the gradients of one
/// micro-batch, and the update becomes a program of its own, which steps the parameters by the sums over all of
/// them.
///
/// Gradients lie in the gradient block, where the executor adds them up between the runs. Those of tables that
/// lookups alone read are handed out by rows instead, and fed to the update with the ids of the whole batch. What a
/// program assigns to parameters is a mean over rows too: it goes to the gradient block, and the update copies the
/// sum.
struct SplitUpdate: InstructionPass {
  let name = "split_update"
  let isRequired = true

  func run(_ draft: inout ProgramDraft) throws {
    guard let batches = draft.microBatches else { return }
    let records = draft.pending.records
    func isTable(_ record: ParameterRecord) -> Bool { draft.tables.contains(record.name) }
    var update = ProgramDraft(
      kind: .update, capacity: batches.batchSize, layout: draft.layout,
      maximumNorm: draft.maximumNorm, tables: draft.tables,
      storages: StorageTable(capacity: batches.batchSize), instructions: [], fetches: [],
      pending: PendingUpdates(records.filter { !isTable($0) }))
    if let bound = batches.clipValue {
      for record in records { update.instructions.append(clip(record, to: bound, &update)) }
    }
    try RowHandover(&draft, clips: batches.clipValue != nil)
      .move(records.filter(isTable), from: &draft, to: &update)
    try moveAssignments(from: &draft, to: &update)
    draft.pending = PendingUpdates([])
    draft.updates = [update]
  }

  /// Cuts the elements of a summed gradient.
  private func clip(
    _ record: ParameterRecord, to bound: Float, _ update: inout ProgramDraft
  ) -> Instruction {
    let view = record.matrix(in: update.gradients)
    return .elementwise(
      ElementwiseInstruction(
        extents: view.extents, views: [view, view],
        steps: [
          .init(.load, destination: 0, a: 0),
          .init(.maxConstant, destination: 0, a: 0, immediate: -bound),
          .init(.minConstant, destination: 0, a: 0, immediate: bound),
          .init(.store, a: 0, b: 1),
        ]))
  }

  /// Has what is written to parameters written to their gradients, from where the update copies it.
  private func moveAssignments(
    from draft: inout ProgramDraft, to update: inout ProgramDraft
  ) throws {
    let (parameters, gradients) = (draft.parameters, draft.gradients)
    for index in draft.instructions.indices {
      let instruction = draft.instructions[index]
      let written = instruction.writes.filter { $0.buffer == parameters }
      guard !written.isEmpty else { continue }
      guard !instruction.reads.contains(where: { $0.buffer == parameters }) else {
        throw LoweringError("\(instruction.name) changes a parameter in place")
      }
      draft.instructions[index] = instruction.mapViews { view in
        var view = view
        if view.buffer == parameters { view.buffer = gradients }
        return view
      }
      for view in written {
        var (from, to) = (view, view)
        (from.buffer, to.buffer) = (update.gradients, update.parameters)
        update.instructions.append(
          .elementwise(
            ElementwiseInstruction(
              extents: view.extents, views: [from, to],
              steps: ElementwiseInstruction.copySteps)))
      }
    }
  }
}

/// Hands the gradients of looked up rows from the training program to the update, as matrices with a row for
/// each row of the batch.
private struct RowHandover {
  private let parameters: BufferID
  private let gradients: BufferID
  private let storages: StorageTable
  /// Whether elements of summed gradients are clipped, which takes whole gradients.
  private let clips: Bool

  init(_ draft: inout ProgramDraft, clips: Bool) {
    (parameters, gradients) = (draft.parameters, draft.gradients)
    storages = draft.storages
    self.clips = clips
  }

  /// Columns of rows that lie so far apart.
  private struct Rows: Hashable {
    var buffer: BufferID
    var first: Int
    var stride: Int

    init(_ matrix: View) {
      buffer = matrix.buffer
      stride = matrix.strides[0]
      first = matrix.offset - Rows.column(of: matrix)
    }

    static func column(of matrix: View) -> Int { matrix.offset % matrix.strides[0] }
  }

  func move(
    _ tables: [ParameterRecord], from draft: inout ProgramDraft, to update: inout ProgramDraft
  ) throws {
    var updates = tables.map { sources(of: $0, &draft) }
    var columns: [Rows: Range<Int>] = [:]
    var order: [Rows] = []
    for source in updates.flatMap(\.sources) where source.ids != nil {
      let (rows, first) = (Rows(source.matrix), Rows.column(of: source.matrix))
      let own = first..<first + source.matrix.extents[1].size(rows: 1)
      if let known = columns[rows] {
        columns[rows] =
          min(known.lowerBound, own.lowerBound)..<max(known.upperBound, own.upperBound)
      } else {
        columns[rows] = own
        order.append(rows)
      }
    }
    var feeds: [Rows: View] = [:]
    for (number, rows) in order.enumerated() {
      guard let range = columns[rows] else { continue }
      let name = Program.rowGradients(number)
      draft.fetches.append(
        FetchRecord(
          name: name,
          view: View(
            buffer: rows.buffer, offset: rows.first + range.lowerBound,
            extents: [.batch(times: 1), .fixed(range.count)], strides: [rows.stride, 1])))
      feeds[rows] = try update.storages.feed(name, width: range.count, .f32)
    }
    for index in updates.indices {
      updates[index].table.buffer = update.parameters
      for place in updates[index].sources.indices {
        let source = updates[index].sources[place]
        guard let ids = source.ids, let feed = feeds[Rows(source.matrix)],
          let range = columns[Rows(source.matrix)]
        else {
          updates[index].sources[place].matrix.buffer = update.gradients
          continue
        }
        let storage = storages.storages[ids.buffer.index]
        let width = storage.count / max(1, storages.capacity)
        updates[index].sources[place].ids?.buffer = try update.storages
          .feed(storage.label, width: width, storage.dtype).buffer
        updates[index].sources[place].matrix = View(
          buffer: feed.buffer, offset: Rows.column(of: source.matrix) - range.lowerBound,
          extents: source.matrix.extents, strides: [range.count, 1])
      }
      update.instructions.append(.sparseUpdate(updates[index]))
    }
  }

  /// The update of a table as the training program could do it: from the rows of lookups, whose scatters then
  /// go, where they alone make its gradient, all come from feeds and nothing is clipped; else from its gradient.
  private func sources(
    of table: ParameterRecord, _ draft: inout ProgramDraft
  ) -> SparseUpdateInstruction {
    let rewrite = RowUpdates(
      capacity: draft.capacity, parameters: parameters, gradients: gradients)
    var instructions = draft.instructions
    let update = rewrite.update(table, &instructions, draft.fetched)
    guard !clips, update.sources.allSatisfy(isFed) else { return rewrite.ofWhole(table) }
    draft.instructions = instructions
    return update
  }

  /// Whether ids come from a feed, and with their gradients are a row for each row of the run.
  private func isFed(_ source: SparseUpdateInstruction.Source) -> Bool {
    guard let ids = source.ids else { return true }
    let (row, matrix) = (Extent.batch(times: 1), source.matrix)
    return storages.space(ids) == .feeds && storages.space(matrix) == .arena
      && ids.extents.first == row && matrix.extents.first == row
      && matrix.strides[0] >= matrix.extents[1].size(rows: 1)
  }
}
