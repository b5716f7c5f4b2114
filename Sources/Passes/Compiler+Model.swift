import GraphIR
import Plan
import Schema

extension Compiler {
  /// A program that a model asks for.
  public struct ProgramRequest: Sendable {
    /// What the plan calls it.
    public var kind: Program.Kind
    /// Which passes it goes through.
    public var purpose: Pipeline.Purpose
    /// As the model emits it.
    public var graph: Graph
    /// The most rows of a run; 1 for a graph without a batch axis.
    public var capacity: Int

    public init(
      _ kind: Program.Kind, _ purpose: Pipeline.Purpose, _ graph: Graph, capacity: Int
    ) {
      self.kind = kind
      self.purpose = purpose
      self.graph = graph
      self.capacity = capacity
    }
  }

  /// What is compiled: the programs of a model and all that the plan carries along.
  public struct Model: Sendable {
    /// What the plan carries along; without parameters and programs.
    public var plan: Plan
    public var programs: [ProgramRequest]

    /// - Parameter episodes: Of a model that learns from episodes.
    public init(
      name: String, specText: String = "", schema: DataSchema, tasks: [TaskRecord],
      training: TrainingSettings, programs: [ProgramRequest], episodes: EpisodeSettings? = nil
    ) {
      plan = Plan(
        name: name, specText: specText, schema: schema, tasks: tasks, training: training,
        parameters: [], parameterFloats: 0, programs: [], episodes: episodes)
      self.programs = programs
    }

    /// A model that learns from rows.
    /// - Parameters:
    ///   - trainingGraph: Has an output `loss`, f32[].
    ///   - predictionGraph: Has the outputs that the tasks name.
    public init(
      name: String, specText: String = "", schema: DataSchema, tasks: [TaskRecord],
      training: TrainingSettings, trainingGraph: Graph, predictionGraph: Graph
    ) {
      self.init(
        name: name, specText: specText, schema: schema, tasks: tasks, training: training,
        programs: [
          ProgramRequest(
            .train, .train, trainingGraph,
            capacity: training.microBatches.largest(of: training.batchSize)),
          ProgramRequest(
            .predict, .predict, predictionGraph, capacity: training.evaluationBatchSize),
        ])
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
}
