import GraphIR
import Plan
import Schema

/// Compiles the programs that a model asks for into a plan, and validates it. It knows graphs alone,
/// not specs.
///
///     let compiler = Compiler(options: .init())
///     let result = try compiler.compile(model)
public struct Compiler: Sendable {
  public struct Options: Sendable {
    /// Passes that are left out, by name.
    public var disabled: Set<String>
    /// Also compiles a program that hands the gradients out.
    public var includesGradients: Bool
    /// Other gradient rules for the ops of these mnemonics; for tests that must see a wrong rule.
    package var gradientRules: [String: Differentiate.Rule] = [:]

    public init(disabled: Set<String> = [], includesGradients: Bool = false) {
      self.disabled = disabled
      self.includesGradients = includesGradients
    }
  }

  /// Called after each pass of each program.
  public typealias Observer = (Program.Kind, _ pass: String, Stage) throws -> Void

  /// What a pass has left.
  public enum Stage {
    case graph(Graph)
    /// Made when it is asked for.
    case program(() -> Program)

    public var text: String {
      switch self {
      case .graph(let graph): graph.text
      case .program(let program): program().text
      }
    }
  }

  public var options: Options

  public init(options: Options = Options()) { self.options = options }

  /// Every name that `Options.disabled` takes, whatever programs a model has.
  public static func passNames() throws -> [String] {
    var seen: Set<String> = []
    let graphPasses = try Pipeline.Purpose.allCases.flatMap { try Pipeline.standard($0).passNames }
    return (graphPasses + Lower.passNames).filter { seen.insert($0).inserted }
  }

  /// The passes over instructions, which run behind those over graphs.
  public static var instructionPasses: [String] { Lower.passNames }

  /// The names that may be left out: without them a model is compiled as it is written.
  public static func optionalPasses() throws -> Set<String> {
    let required = Set(
      try Pipeline.Purpose.allCases.flatMap { try Pipeline.standard($0).steps }
        .filter(\.pass.isRequired).map(\.pass.name))
    return Set(try passNames()).subtracting(required)
      .subtracting(Lower.passes.filter(\.isRequired).map(\.name))
  }

  /// - Throws: `PassNameError` for a name that there is not, or of a pass that must run.
  public static func requirePasses(_ disabled: Set<String>) throws {
    let known = try passNames()
    let optional = try optionalPasses()
    for name in disabled.subtracting(optional).sorted() {
      throw known.contains(name) ? Pipeline.required(name) : Pipeline.unknown(name, known)
    }
  }

  /// Compiles the programs of a model: one thread each, and one after the other for an observer.
  /// - Throws: `PassNameError`, `PassError`, `LoweringError`; `InvalidPlanError` when the plan that
  ///   came out breaks an invariant, which is a mistake of the compiler.
  public func compile(_ model: Model, observer: Observer? = nil) throws -> Result {
    try Self.requirePasses(options.disabled)
    var plan = model.plan
    var requests = model.programs
    // With micro-batches the gradients are where they are added up.
    if options.includesGradients, !plan.training.microBatches.isOn {
      requests += model.programs.filter { $0.purpose == .train }.map {
        ProgramRequest(.gradients, .gradients, $0.graph, capacity: $0.capacity)
      }
    }
    let training = plan.training
    let microBatches = try microBatches(training)
    func optimize(_ request: ProgramRequest) throws -> ProgramReport {
      try self.optimize(request, training) { name, graph in
        try observer?(request.kind, name, .graph(graph))
      }
    }
    var reports =
      observer == nil ? try requests.concurrentMap(optimize) : try requests.map(optimize)
    let graphs = reports.map(\.optimized)
    let tables = Set(plan.training.optimizer.sparse?.tables ?? [])
    guard tables.isEmpty || plan.training.clipping.norm == nil else {
      throw LoweringError(
        "gradients cannot be clipped by their norm where tables are updated by rows: the norm"
          + " would need the gradients of whole tables")
    }
    let layout = try ParameterLayout(
      graphs: graphs, tables: tables, hasPages: plan.training.microBatches.isOn)
    let lower = Lower(
      layout: layout, disabled: options.disabled.intersection(Lower.passNames),
      maximumNorm: plan.training.clipping.norm.map { Float($0) },
      sparseTables: tables, microBatches: microBatches)
    func program(_ index: Int) throws -> (Lower.Result, seconds: Double) {
      let (clock, request) = (ContinuousClock(), requests[index])
      let start = clock.now
      let result = try lower.program(
        graphs[index], kind: request.kind, capacity: request.capacity
      ) { name, program in try observer?(request.kind, name, .program(program)) }
      return (result, (clock.now - start).seconds)
    }
    let indices = Array(requests.indices)
    let lowered =
      observer == nil ? try indices.concurrentMap(program) : try indices.map(program)
    for (index, (result, seconds)) in lowered.enumerated() {
      reports[index].loweringSeconds = seconds
      reports[index].arenaFloats = result.program.arenaFloats
      reports[index].arenaLowerBound = result.lowerBound
      plan.programs.append(result.program)
      if let update = result.update { plan.programs.append(update) }
    }
    (plan.parameters, plan.parameterFloats) = (layout.records, layout.floats)
    let findings = PlanValidator(plan).findings()
    guard findings.isEmpty else { throw InvalidPlanError(findings: findings) }
    return Result(plan: plan, reports: reports)
  }

  /// What splits the training program; nil for batches in one piece. Throws for what needs more than sums over
  /// micro-batches.
  private func microBatches(_ training: TrainingSettings) throws -> MicroBatchDraft? {
    guard training.microBatches.isOn else { return nil }
    guard training.microBatches.count <= training.batchSize else {
      throw LoweringError(
        "\(training.microBatches.count) micro-batches of a batch of \(training.batchSize) rows")
    }
    guard !training.taskWeighting.needsTaskGradients else {
      throw LoweringError(
        "a task weighting that takes the tasks' gradients apart does not go with micro-batches")
    }
    return MicroBatchDraft(
      batchSize: training.batchSize, clipValue: training.clipping.value.map { Float($0) })
  }

  /// Runs the graph passes of one program.
  private func optimize(
    _ request: ProgramRequest, _ training: TrainingSettings,
    observer: @escaping (_ pass: String, Graph) throws -> Void
  ) throws -> ProgramReport {
    let names = Set(try Pipeline.standard(request.purpose).passNames)
    var pipeline = try Pipeline.standard(
      request.purpose, disabled: options.disabled.intersection(names)
    ).forBatches(of: request.capacity)
    if request.purpose != .predict {
      pipeline = try pipeline.training(as: training, request.graph)
        .configuringDifferentiation { $0.rules = options.gradientRules }
    }
    var passes: [ProgramReport.PassRecord] = []
    let optimized = try pipeline.run(request.graph) { name, graph, seconds in
      passes.append(.init(name: name, seconds: seconds, nodes: graph.nodes.count))
      try observer(name, graph)
    }
    return ProgramReport(
      kind: request.kind, source: request.graph, optimized: optimized, passes: passes,
      loweringSeconds: 0, arenaFloats: 0, arenaLowerBound: 0)
  }
}

/// The compiler made a plan that may not be run.
public struct InvalidPlanError: Error, Sendable, Hashable, CustomStringConvertible {
  public var findings: [PlanFinding]

  public var description: String {
    "the compiled plan is not valid: \(PlanError.invalid(findings))"
  }
}
