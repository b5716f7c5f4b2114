import GraphIR
import Plan
import Schema

extension Compiler {
  /// A model that learns from tasks. Its graphs have no batch axis: they hold one task each.
  public struct EpisodeModel: Sendable {
    public var name: String
    public var specText: String
    public var schema: DataSchema
    public var tasks: [TaskRecord]
    public var training: TrainingSettings
    public var episodes: EpisodeSettings
    /// Inner loop and query loss, with an output `loss`.
    public var taskGraph: Graph
    /// Inner loop and predictions.
    public var evaluationGraph: Graph
    /// Moves every trainable parameter by a gradient that is fed.
    public var updateGraph: Graph

    public init(
      name: String, specText: String, schema: DataSchema, tasks: [TaskRecord],
      training: TrainingSettings, episodes: EpisodeSettings, taskGraph: Graph,
      evaluationGraph: Graph, updateGraph: Graph
    ) {
      self.name = name
      self.specText = specText
      self.schema = schema
      self.tasks = tasks
      self.training = training
      self.episodes = episodes
      self.taskGraph = taskGraph
      self.evaluationGraph = evaluationGraph
      self.updateGraph = updateGraph
    }
  }

  /// Compiles the programs of a model that learns from tasks.
  /// - Throws: `PassNameError`, `PassError`, `LoweringError`.
  public func compile(_ model: EpisodeModel) throws -> Result {
    let kinds: [(kind: Program.Kind, purpose: Pipeline.Purpose, graph: Graph)] = [
      (.gradients, .gradients, model.taskGraph), (.predict, .predict, model.evaluationGraph),
      (.train, .predict, model.updateGraph),
    ]
    var reports: [ProgramReport] = []
    for (kind, purpose, graph) in kinds {
      var passes: [ProgramReport.PassRecord] = []
      let names = Set(try Pipeline.standard(purpose).passNames)
      let pipeline = try Pipeline.standard(purpose, disabled: options.disabled.intersection(names))
      let optimized = try pipeline.run(graph) { name, graph, seconds in
        passes.append(.init(name: name, seconds: seconds, nodes: graph.nodes.count))
      }
      reports.append(
        ProgramReport(
          kind: kind, source: graph, optimized: optimized, passes: passes, loweringSeconds: 0,
          arenaFloats: 0, arenaLowerBound: 0))
    }
    let layout = try ParameterLayout(graphs: reports.map(\.optimized))
    let lower = Lower(
      layout: layout, disabled: options.disabled.intersection(Lower.passNames))
    var programs: [Program] = []
    for index in reports.indices {
      let result = try lower.program(
        reports[index].optimized, kind: reports[index].kind, capacity: 1)
      reports[index].arenaFloats = result.program.arenaFloats
      reports[index].arenaLowerBound = result.lowerBound
      programs.append(result.program)
    }
    let plan = Plan(
      name: model.name, specText: model.specText, schema: model.schema, tasks: model.tasks,
      training: model.training, parameters: layout.records, parameterFloats: layout.floats,
      programs: programs, episodes: model.episodes)
    return Result(plan: plan, reports: reports)
  }
}
