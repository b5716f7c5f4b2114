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

  /// The passes in the order in which they run. The draft is validated before the first and after
  /// each, a large one while the next pass runs.
  static let passes: [any InstructionPass] = [
    FuseColumnSums(), UpdateRows(), FuseOptimizer(), StepParameters(), SplitProducts(),
    FuseCrosses(), OrderLevels(), ReuseInPlace(), LayOutMemory(),
  ]

  static var passNames: [String] { passes.map(\.name) }

  /// Called after each pass with the program as it stands.
  typealias Observer = (_ pass: String, _ program: @escaping () -> Program) throws -> Void

  struct Result {
    var program: Program
    /// The largest sum of arena floats that live at one time.
    var lowerBound: Int
  }

  /// - Throws: `LoweringError`; `PassError` that names the pass whose draft is not valid.
  func program(
    _ graph: Graph, kind: Program.Kind, capacity: Int, observer: Observer? = nil
  ) throws -> Result {
    var draft = try draft(graph, kind, capacity)
    let (check, validation) = (DeferredCheck(), DraftValidation())
    func begin(_ pass: String) throws {
      let isSmall = draft.instructions.count < Self.worthThread
      try check.begin(isSmall: isSmall) { [draft] in
        try Self.attempt(pass) { try validation.requireValid(draft) }
      }
    }
    try begin("lower")
    for pass in Self.passes where !disabled.contains(pass.name) {
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
    return Result(program: finished.program, lowerBound: finished.lowerBound)
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
    return ProgramDraft(
      kind: kind, capacity: capacity, layout: layout, maximumNorm: maximumNorm,
      tables: sparseTables, storages: lowering.placement.table,
      instructions: lowering.instructions + lowering.assignments, fetches: fetches,
      pending: PendingUpdates(updated))
  }
}

extension Compiler {
  /// What instruction passes of those names alone make of a graph.
  package static func lowered(
    _ graph: Graph, capacity: Int, passes: Set<String>, tables: Set<String> = []
  ) throws -> Program {
    let trains = graph.nodes.contains { if case .effect = $0.op { true } else { false } }
    var lower = Lower(layout: try ParameterLayout(graphs: [graph], tables: tables))
    lower.sparseTables = tables
    var draft = try lower.draft(graph, trains ? .train : .predict, capacity)
    for pass in Lower.passes where passes.contains(pass.name) { try pass.run(&draft) }
    try DraftValidation().requireValid(draft)
    return draft.program
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
