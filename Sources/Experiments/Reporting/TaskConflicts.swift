import Data
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema

/// How far the tasks of a model pull its shared parameters apart while it is trained: measured between
/// epochs on a few training rows, by the eager engine and on copies of the parameters, so that training
/// goes on as if nothing had happened.
final class TaskConflicts {
  private let plan: Plan
  private let model: EagerModel<Float>
  private let rows: GatheredRows
  private let tasks: [String]
  private var rowsSince = 0
  /// By moment the epoch and the cosines of each pair.
  private(set) var moments: [(epoch: Double, cosines: [[Double]])] = []

  /// Rows that a gradient is taken of.
  private static let sampledRows = 256
  /// A moment costs about what training on a few thousand rows does for each task.
  private static let rowsBetween = 100_000
  /// Copies of larger models would take more memory and time than they tell.
  private static let mostWeights = 1 << 24

  /// nil for a model with a single task, with too many weights, or whose rows are streamed.
  init?(_ plan: Plan, _ data: TrainingData) throws {
    let spec = try Spec(text: plan.specText, file: "the plan's spec", overrides: [])
    tasks = spec.tasks.map(\.name)
    guard tasks.count > 1, tasks.count <= 16, data.streamed == nil,
      plan.parameterFloats <= Self.mostWeights, plan.episodes == nil
    else { return nil }
    self.plan = plan
    rows = try GatheredRows(data.training, rows: data.rows, most: Self.sampledRows)
    model = EagerModel(
      seed: plan.training.seed, optimizer: plan.training.optimizer, tasks: spec.training.taskWeights
    ) { engine in
      try buildModel(spec, schema: plan.schema, purpose: .train, on: engine)
    }
  }

  /// Measures with the parameters of an engine, unless little was trained since the last time.
  /// - Parameter trained: Rows that were trained on since the last call.
  func measure(_ session: Session, epoch: Int, trained: Int) throws {
    rowsSince += trained
    guard rowsSince >= Self.rowsBetween * tasks.count else { return }
    rowsSince = 0
    try measure(session, epoch: epoch)
  }

  /// Measures with the parameters of an engine.
  func measure(_ session: Session, epoch: Int) throws {
    if moments.last?.epoch == Double(epoch) { return }
    let memory = FeedMemory(rows.feeds, rows: rows.rowCount)
    (0..<rows.rowCount).map { Int32(truncatingIfNeeded: $0) }.withUnsafeBufferPointer {
      rows.copyRows($0, into: memory.blocks.map { $0 })
    }
    let feeds: EagerModel<Float>.Feeds = memory.storage(rows: rows.rowCount)
    if model.engine.parameterIDs.isEmpty {
      // Running the model once declares its parameters.
      _ = try model.taskCosines(of: tasks, batchSize: rows.rowCount, feeds: feeds)
    }
    for record in plan.parameters {
      let id = ParameterID(record.name)
      guard model.engine.variable(id) != nil else { continue }
      try model.engine.setValues(of: id, session.parameter(record.name))
    }
    if let cosines = try model.taskCosines(of: tasks, batchSize: rows.rowCount, feeds: feeds) {
      moments.append((Double(epoch), cosines))
    }
  }

  /// By pair of tasks its cosines over the epochs.
  var series: [TrainingHistory.Series] {
    tasks.indices.flatMap { i in
      tasks.indices[..<i].map { j in
        TrainingHistory.Series(
          "\(tasks[j]) and \(tasks[i])",
          moments.map { CurvePoint($0.epoch, $0.cosines[i][j]) })
      }
    }.filter { !$0.points.isEmpty }
  }
}
