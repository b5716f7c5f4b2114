import GraphIR
import Plan
import Schema

/// Spec-independent compiler driver: forward graphs in, a validated-by-construction plan out.
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

  /// What is compiled: the graphs as the model emits them and all that the plan carries along.
  public struct Model: Sendable {
    public var name: String
    public var specText: String
    public var schema: DataSchema
    public var tasks: [TaskRecord]
    public var training: TrainingSettings
    /// With an output `loss`.
    public var trainingGraph: Graph
    /// With the outputs that the tasks name.
    public var predictionGraph: Graph

    public init(
      name: String, specText: String = "", schema: DataSchema, tasks: [TaskRecord],
      training: TrainingSettings, trainingGraph: Graph, predictionGraph: Graph
    ) {
      self.name = name
      self.specText = specText
      self.schema = schema
      self.tasks = tasks
      self.training = training
      self.trainingGraph = trainingGraph
      self.predictionGraph = predictionGraph
    }
  }

  public struct Result: Sendable {
    public var plan: Plan
    public var reports: [ProgramReport]
  }

  /// What the compiler did to one program.
  public struct ProgramReport: Sendable {
    public struct PassRecord: Sendable {
      public var name: String
      public var seconds: Double
      /// Nodes left when the pass was done.
      public var nodes: Int
    }
    public var kind: Program.Kind
    /// The graph before and after the passes.
    public var source: Graph
    public var optimized: Graph
    public var passes: [PassRecord]
    public var loweringSeconds: Double
    public var arenaFloats: Int
    /// No layout of these lifetimes needs fewer floats.
    public var arenaLowerBound: Int
  }

  /// Called after each pass of each program.
  public typealias Observer = (Program.Kind, _ pass: String, Graph) throws -> Void

  public var options: Options

  public init(options: Options = Options()) { self.options = options }

  /// Every name that `Options.disabled` takes.
  public static func passNames() throws -> [String] {
    try Pipeline.standard(.train).passNames + Lower.passNames
  }

  /// The names that may be left out: without them a model is compiled as it is written.
  public static func optionalPasses() throws -> Set<String> {
    let required = Set(
      try [Pipeline.Purpose.train, .predict].flatMap { try Pipeline.standard($0).steps }
        .filter(\.pass.isRequired).map(\.pass.name))
    return Set(try passNames()).subtracting(required)
  }

  /// - Throws: `PassNameError` for a name that there is not, or of a pass that is needed.
  public static func requirePasses(_ disabled: Set<String>) throws {
    let known = try passNames()
    if let unknown = disabled.subtracting(known).min() { throw Pipeline.unknown(unknown, known) }
    _ = try Pipeline.standard(.train).disabling(disabled.subtracting(Lower.passNames))
  }

  /// Compiles the programs of a model.
  /// - Throws: `PassNameError`, `PassError`, `LoweringError`.
  public func compile(_ model: Model, observer: Observer? = nil) throws -> Result {
    try Self.requirePasses(options.disabled)
    let lowerNames = Set(Lower.passNames)
    var kinds: [(Program.Kind, Pipeline.Purpose, Graph, Int)] = [
      (.train, .train, model.trainingGraph, model.training.batchSize),
      (.predict, .predict, model.predictionGraph, model.training.evaluationBatchSize),
    ]
    if options.includesGradients {
      kinds.append((.gradients, .gradients, model.trainingGraph, model.training.batchSize))
    }
    var reports: [ProgramReport] = []
    for (kind, purpose, graph, _) in kinds {
      var passes: [ProgramReport.PassRecord] = []
      let names = Set(try Pipeline.standard(purpose).passNames)
      let pipeline = try Pipeline.standard(
        purpose, disabled: options.disabled.intersection(names)
      ).training(as: model.training, model.trainingGraph)
        .configuringDifferentiation { $0.rules = options.gradientRules }
      let optimized = try pipeline.run(graph) { name, graph, seconds in
        passes.append(.init(name: name, seconds: seconds, nodes: graph.nodes.count))
        try observer?(kind, name, graph)
      }
      reports.append(
        ProgramReport(
          kind: kind, source: graph, optimized: optimized, passes: passes, loweringSeconds: 0,
          arenaFloats: 0, arenaLowerBound: 0))
    }
    let tables = Set(model.training.optimizer.sparse?.tables ?? [])
    let layout = try ParameterLayout(graphs: reports.map(\.optimized), tables: tables)
    let lower = Lower(
      layout: layout, disabled: options.disabled.intersection(lowerNames),
      maximumNorm: model.training.clipping.norm.map { Float($0) },
      sparseTables: tables)
    var programs: [Program] = []
    let clock = ContinuousClock()
    for index in reports.indices {
      let start = clock.now
      let result = try lower.program(
        reports[index].optimized, kind: kinds[index].0, capacity: kinds[index].3)
      reports[index].loweringSeconds = (clock.now - start).seconds
      reports[index].arenaFloats = result.program.arenaFloats
      reports[index].arenaLowerBound = result.lowerBound
      programs.append(result.program)
    }
    let plan = Plan(
      name: model.name, specText: model.specText, schema: model.schema, tasks: model.tasks,
      training: model.training, parameters: layout.records, parameterFloats: layout.floats,
      programs: programs)
    return Result(plan: plan, reports: reports)
  }
}
