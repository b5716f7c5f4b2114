import GraphIR
import Plan
import TensorTypes

/// Graph → Program: the nodes become instructions, which named passes rewrite, order and lay out.
struct Lower {
  let layout: ParameterLayout
  /// Instruction passes that are left out, by name.
  var disabled: Set<String> = []
  var maximumNorm: Float?
  /// The parameters that are updated by rows.
  var sparseTables: Set<String> = []
  /// How batches of the training program are made of micro-batches.
  var microBatches: MicroBatchDraft?

  /// The passes in the order in which they run. The draft is validated before the first and after
  /// each, a large one while the next pass runs.
  static let passes: [any InstructionPass] = [
    FuseColumnSums(), SplitUpdate(), UpdateRows(), FuseOptimizer(), StepParameters(),
    SplitProducts(), FuseCrosses(), OrderLevels(), ReuseInPlace(), LayOutMemory(),
  ]

  static var passNames: [String] { passes.map(\.name) }

  /// Called after each pass with the program as it stands.
  typealias Observer = (_ pass: String, _ program: @escaping () -> Program) throws -> Void

  struct Result {
    var program: Program
    /// The program of the update, where another one than the first steps the parameters.
    var update: Program?
    /// The largest sum of arena floats that live at one time.
    var lowerBound: Int
  }

  /// - Throws: `LoweringError`; `PassError` that names the pass whose draft is not valid.
  func program(
    _ graph: Graph, kind: Program.Kind, capacity: Int, observer: Observer? = nil
  ) throws -> Result {
    try run(try draft(graph, kind, capacity), from: 0, observer)
  }

  /// Runs the passes from a place in their order on.
  private func run(
    _ draft: ProgramDraft, from first: Int, _ observer: Observer?
  ) throws -> Result {
    var draft = draft
    let (check, validation) = (DeferredCheck(), DraftValidation())
    func begin(_ pass: String) throws {
      let isSmall = draft.instructions.count < Self.worthThread
      try check.begin(isSmall: isSmall) { [draft] in
        try Self.attempt(pass) { try validation.requireValid(draft) }
      }
    }
    try begin("lower")
    for pass in Self.passes[first...] where !disabled.contains(pass.name) {
      let (instructions, levels) = (draft.instructions, draft.levelOf)
      try check.beside { try Self.attempt(pass.name) { try pass.run(&draft) } }
      let isChanged = draft.instructions != instructions || draft.levelOf != levels
      // A program with its memory is validated with its plan.
      if isChanged, draft.finished == nil { try begin(pass.name) }
      try observer?(pass.name) { [draft] in draft.program }
    }
    try check.finish()
    guard let finished = draft.finished else {
      throw LoweringError("no pass has laid out the memory")
    }
    // What the split left behind goes through the passes behind it.
    let split = Self.passes.firstIndex { $0 is SplitUpdate } ?? 0
    let update = try draft.updates.first.map { try run($0, from: split + 1, nil).program }
    return Result(program: finished.program, update: update, lowerBound: finished.lowerBound)
  }

  /// The instructions of a program whose validation takes longer than a thread to start.
  private static let worthThread = 1000

  private static func attempt(_ pass: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw PassError(pass: pass, underlying: error)
    }
  }

  fileprivate func draft(_ graph: Graph, _ kind: Program.Kind, _ capacity: Int) throws
    -> ProgramDraft
  {
    var lowering = try Lowering(graph: graph, layout: layout, capacity: capacity)
    let fetches = try graph.outputs.map {
      FetchRecord(name: $0.name, view: try lowering.fetch($0.value))
    }
    let updated = graph.nodes.compactMap { node -> ParameterRecord? in
      if case .effect(.update(let id, _)) = node.op { layout[id] } else { nil }
    }
    var draft = ProgramDraft(
      kind: kind, capacity: capacity, layout: layout, maximumNorm: maximumNorm,
      tables: sparseTables, storages: lowering.placement.table,
      instructions: lowering.instructions + lowering.assignments, fetches: fetches,
      pending: PendingUpdates(updated))
    if kind == .train, !updated.isEmpty { draft.microBatches = microBatches }
    return draft
  }
}

extension Compiler {
  /// What instruction passes of those names alone make of a graph: its program, and that of the update where
  /// one is split off.
  /// - Parameter batchSize: Rows of a batch that runs of the program are a part of; nil for whole batches.
  package static func lowered(
    _ graph: Graph, capacity: Int, passes: Set<String>, tables: Set<String> = [],
    batchSize: Int? = nil
  ) throws -> [Program] {
    let trains = graph.nodes.contains { if case .effect = $0.op { true } else { false } }
    var lower = Lower(layout: try ParameterLayout(graphs: [graph], tables: tables))
    lower.sparseTables = tables
    lower.microBatches = batchSize.map { MicroBatchDraft(batchSize: $0, clipValue: nil) }
    var draft = try lower.draft(graph, trains ? .train : .predict, capacity)
    for pass in Lower.passes where passes.contains(pass.name) { try pass.run(&draft) }
    return try ([draft] + draft.updates).map {
      try DraftValidation().requireValid($0)
      return $0.program
    }
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
