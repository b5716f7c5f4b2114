import Plan
import Schema

private typealias PlanProgram = Program

/// What a plan holds.
public struct PlanOverview: Sendable {
  public enum State: Sendable, Hashable {
    case compiled
    case trained
    /// A training run that can go on from a step.
    case checkpoint(step: Int)
  }

  public struct Task: Sendable {
    public var name: String
    /// `binary`, `multiclass`, `regression`.
    public var kind: String
    /// nil for an output without a label of its own.
    public var label: LabelSchema?
  }

  public struct Program: Sendable {
    /// `train`, `predict` …
    public var name: String
    public var batchCapacity: Int
    public var levels: Int
    public var instructions: Int
    public var arenaBytes: Int
    /// What all buffers would need if none shared memory.
    public var intermediateBytes: Int
    /// Of a run of `batchCapacity` rows.
    public var flops: Int
    /// How often each kernel is called, the most frequent first.
    public var kernels: [(name: String, count: Int)]
  }

  public let name: String
  public let formatVersion: Int
  public let state: State
  public let training: TrainingSettings
  public let tasks: [Task]
  public let features: [FeatureSchema]
  public let programs: [Program]
  public let parameters: [(name: String, shape: [Int])]
  public let components: ComponentTree
  public let weights: Int
  /// What a session of the plan needs.
  public let memoryBytes: Int
}

extension CompiledPlan {
  /// The spec that the plan was compiled from, as canonical JSON.
  public var specText: String { plan.specText }

  public var overview: PlanOverview { PlanOverview(plan) }
}

extension PlanOverview {
  init(_ plan: Plan) {
    name = plan.name
    formatVersion = Int(PlanFormat.version)
    state =
      plan.progress.map { .checkpoint(step: $0.step) }
      ?? (plan.weights == nil ? .compiled : .trained)
    training = plan.training
    tasks = plan.tasks.map { task in
      Task(
        name: task.name, kind: task.kind.name,
        label: task.labelColumn.map { plan.schema.labels[$0] })
    }
    features = plan.schema.features
    programs = plan.programs.map(Self.program)
    parameters = plan.parameters.map { ($0.name, $0.shape) }
    components = ComponentTree(plan.parameters)
    weights = plan.parameters.reduce(0) { $0 + $1.rows * $1.columns }
    memoryBytes = plan.memoryBytes
  }

  private static func program(_ program: PlanProgram) -> Program {
    let floats = program.intermediateFloats
    return Program(
      name: program.kind.rawValue, batchCapacity: program.batchCapacity,
      levels: program.levels.count, instructions: program.instructions.count,
      arenaBytes: 4 * program.arenaFloats,
      intermediateBytes: floats > .max / 4 ? .max : 4 * floats, flops: flops(program),
      kernels: Dictionary(grouping: program.instructions, by: \.name)
        .map { (name: $0, count: $1.count) }
        .sorted { ($1.count, $0.name) < ($0.count, $1.name) })
  }

  private static func flops(_ program: PlanProgram) -> Int {
    program.instructions.reduce(0) { sum, instruction in
      let (total, overflow) = sum.addingReportingOverflow(
        instruction.cost(rows: program.batchCapacity).flops)
      return overflow ? .max : total
    }
  }
}
