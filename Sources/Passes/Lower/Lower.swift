import GraphIR
import Plan
import TensorTypes

/// Graph → Program: instructions, levels and the layout of the arena.
struct Lower {
  let layout: ParameterLayout
  /// Passes of the lowering that can be switched off: `fuse_optimizer`, `fuse_column_sums`,
  /// `reuse_in_place`, `split_products`.
  var disabled: Set<String> = []
  /// What the norm of all gradients together is clipped to. It is known only when every gradient
  /// is, so that no product can apply the optimizer itself.
  var maximumNorm: Float?
  /// The parameters that are updated by rows.
  var sparseTables: Set<String> = []

  static let passNames = [
    "fuse_column_sums", "fuse_optimizer", "reuse_in_place", "split_products",
  ]

  struct Result {
    var program: Program
    /// The largest sum of arena floats that live at one time.
    var lowerBound: Int
  }

  func program(_ graph: Graph, kind: Program.Kind, capacity: Int) throws -> Result {
    var lowering = try Lowering(graph: graph, layout: layout, capacity: capacity)
    var instructions = lowering.instructions
    if !disabled.contains("fuse_column_sums") {
      instructions = ColumnSums.fuse(instructions, capacity: capacity)
    }
    let fetches = try graph.outputs.map {
      FetchRecord(name: $0.name, view: try lowering.fetch($0.value))
    }
    instructions += lowering.instructions.dropFirst(lowering.loweredCount)
    instructions += lowering.assignments
    var updated = graph.nodes.compactMap { node -> ParameterID? in
      if case .effect(.update(let id, _)) = node.op { id } else { nil }
    }
    if !updated.isEmpty {
      let parameters = lowering.placement.table.parameterBlock(layout)
      let gradients = lowering.placement.table.gradientBlock(layout)
      if !sparseTables.isEmpty {
        instructions = SparseUpdates(
          layout: layout, capacity: capacity, parameters: parameters, gradients: gradients
        ).apply(
          to: instructions, tables: sparseTables, updated: &updated, fetches: fetches.map(\.view))
      }
      if !disabled.contains("split_products") {
        instructions = try InnerSplit(capacity: capacity, parameters: parameters)
          .apply(to: instructions, table: &lowering.placement.table)
      }
      let fusion = UpdateFusion(
        layout: layout, capacity: capacity,
        fusesProducts: !disabled.contains("fuse_optimizer") && maximumNorm == nil,
        maximumNorm: maximumNorm, splitsProducts: !disabled.contains("split_products"))
      instructions = fusion.apply(
        to: instructions, gradients: gradients, parameters: parameters, updated: updated,
        fetches: fetches.map(\.view))
    }
    let storages = lowering.placement.table.storages
    let blocks = Set(
      storages.indices.filter {
        storages[$0].space == .parameters || storages[$0].space == .gradients
      }.map(BufferID.init))
    let reuses = !disabled.contains("reuse_in_place")
    var schedule = Schedule(instructions, capacity: capacity, parameterBuffers: blocks) {
      reuses
        ? InPlaceReuse.waits(
          instructions, levelOf: $0, storages: storages, fetches: fetches.map(\.view)) : [:]
    }
    var target = storages.indices.map { BufferID($0) }
    if reuses {
      target = InPlaceReuse.merge(
        schedule, storages: storages, fetches: fetches.map(\.view), capacity: capacity)
    }
    // Only storages that are used stay, renumbered.
    var number: [Int: Int] = [:]
    var kept: [Storage] = []
    func renumber(_ view: View) -> View {
      let old = target[view.buffer.index].index
      var result = view
      if let new = number[old] {
        result.buffer = BufferID(new)
      } else {
        number[old] = kept.count
        result.buffer = BufferID(kept.count)
        kept.append(storages[old])
      }
      return result
    }
    schedule.map { $0.mapViews(renumber) }
    var fetchRecords = fetches
    for index in fetchRecords.indices {
      fetchRecords[index].view = renumber(fetchRecords[index].view)
    }
    let memory = MemoryPlanner(
      storages: kept, schedule: schedule, fetches: fetchRecords.map(\.view), capacity: capacity)
    let feeds = memory.buffers.enumerated().compactMap { index, buffer -> FeedRecord? in
      guard buffer.space == .feeds else { return nil }
      return FeedRecord(
        name: buffer.label, buffer: BufferID(index), width: buffer.count / max(capacity, 1))
    }
    let threads = ThreadPolicy.threads(
      schedule.instructions, levels: schedule.levels.count, rows: capacity)
    let program = Program(
      kind: kind, batchCapacity: capacity, buffers: memory.buffers,
      arenaFloats: memory.arenaFloats, instructions: schedule.instructions,
      levels: schedule.levels, threads: threads, feeds: feeds, fetches: fetchRecords)
    return Result(program: program, lowerBound: memory.lowerBound)
  }
}

extension Lowering {
  /// Where a run leaves an output, so that it can be read after the run.
  mutating func fetch(_ value: ValueID) throws -> View {
    let view = try view(value)
    // What training changes or the caller overwrites is handed out as a copy.
    return placement.table.space(view) == .arena ? view : try contiguousCopy(value)
  }
}
