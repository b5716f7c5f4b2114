import Data
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema

/// Looks at a model between epochs of its training: how far its tasks pull the shared parameters apart, and
/// how gradients and the weights of gates lie. It takes a few training rows, the eager engine and copies of
/// the parameters, so that training goes on as if nothing had happened.
final class TrainingDiagnosis {
  private let plan: Plan
  private let rows: GatheredRows
  private let wanted: Diagnoses
  /// Those whose gradients are compared.
  private let tasks: [String]
  private let model: EagerModel<Float>
  /// Runs the gates; nil before the first moment, and where there are none.
  private var probe: ProbeRun?
  /// The epoch of the last look.
  private var lastEpoch: Int
  /// What was measured so far, before the run was stopped and resumed too.
  private(set) var conflicts: [TaskCosines]

  /// Rows that are looked at.
  private static let sampledRows = 256
  /// A look costs about what training on a few thousand rows does for each task.
  private static let rowsBetween = 100_000
  /// Copies of larger models would take more memory and time than they tell.
  private static let mostWeights = 1 << 24
  private static let mostTasks = 16

  /// nil where there is nothing to look at: a model of episodes, with too many weights or whose rows are
  /// streamed; with a single task, unless distributions are wanted.
  /// - Parameter conflicts: What was measured before the run was stopped.
  init?(
    _ plan: Plan, _ data: TrainingData, _ wanted: Diagnoses, after conflicts: [TaskCosines]
  ) throws {
    guard !wanted.isEmpty, data.streamed == nil, plan.parameterFloats <= Self.mostWeights,
      plan.episodes == nil
    else { return nil }
    let spec = try Spec(text: plan.specText, file: "the plan's spec", overrides: [])
    let names = spec.tasks.map(\.name)
    tasks = (2...Self.mostTasks).contains(names.count) ? names : []
    if tasks.isEmpty, !wanted.contains(.distributions) { return nil }
    self.plan = plan
    self.wanted = wanted
    self.conflicts = conflicts
    lastEpoch = conflicts.last?.epoch ?? 0
    rows = try GatheredRows(data.training, rows: data.rows, most: Self.sampledRows)
    model = EagerModel(
      seed: plan.training.seed, optimizer: plan.training.optimizer, tasks: spec.training.taskWeights
    ) { engine in
      try buildModel(spec, schema: plan.schema, purpose: .train, on: engine)
    }
  }

  /// Looks at the parameters of an engine after an epoch, unless little was trained since the last time.
  /// - Parameter epochs: Those that were trained so far.
  func look(_ engine: StaticEngine, after epochs: [EpochReport]) throws -> TrainingMoment? {
    let trained = epochs.reduce(0) { $1.epoch > lastEpoch ? $0 + $1.rows : $0 }
    guard let epoch = epochs.last?.epoch, trained >= Self.rowsBetween * max(1, tasks.count) else {
      return nil
    }
    return try look(engine, epoch: epoch)
  }

  /// Looks at the parameters of an engine; nil where that was done at this epoch.
  func look(_ engine: StaticEngine, epoch: Int) throws -> TrainingMoment? {
    guard epoch != lastEpoch, !conflicts.contains(where: { $0.epoch == epoch }) else { return nil }
    lastEpoch = epoch
    var moment = TrainingMoment(epoch: epoch)
    if !tasks.isEmpty {
      try measureGradients(engine, &moment)
      let place = conflicts.firstIndex { $0.epoch > epoch } ?? conflicts.count
      conflicts.insert(moment.cosines ?? TaskCosines(epoch: epoch, pairs: []), at: place)
    }
    if wanted.contains(.distributions) { moment.gates = try gates(engine) }
    return moment
  }

  private func measureGradients(
    _ engine: StaticEngine, _ moment: inout TrainingMoment
  ) throws {
    let memory = FeedMemory(rows.feeds, rows: rows.rowCount)
    (0..<rows.rowCount).map { Int32(truncatingIfNeeded: $0) }.withUnsafeBufferPointer {
      rows.copyRows($0, into: memory.blocks.map { $0 })
    }
    let feeds: EagerModel<Float>.Feeds = memory.storage(rows: rows.rowCount)
    if model.engine.parameterIDs.isEmpty {
      // Running the model once declares its parameters.
      _ = try model.taskCosines(of: tasks, batchSize: rows.rowCount, feeds: feeds)
    }
    let weights = try engine.wholeWeights()
    for record in plan.parameters {
      let id = ParameterID(record.name)
      guard model.engine.variable(id) != nil else { continue }
      try model.engine.setValues(
        of: id,
        (0..<record.rows).flatMap { row in
          let start = record.offset + row * record.rowStride
          return weights[start..<start + record.columns]
        })
    }
    // By task and part of the model, in the order of the parameters.
    var gradients: [(name: String, values: [Float])] = []
    let cosines = try model.taskCosines(of: tasks, batchSize: rows.rowCount, feeds: feeds) {
      [wanted] task, parameter, gradient in
      guard wanted.contains(.distributions) else { return }
      let part = PartName.split(parameter).part
      let family = parameter.hasPrefix("embedding.") ? part : PartName.family(part)
      let name = "\(task)/\(family.isEmpty ? part : family)"
      if let place = gradients.firstIndex(where: { $0.name == name }) {
        gradients[place].values += gradient
      } else {
        gradients.append((name, gradient))
      }
    }
    moment.gradients = gradients.compactMap { name, values in
      ValueHistogram(values).map { .init(name, $0) }
    }
    guard let cosines else { return }
    moment.cosines = TaskCosines(
      epoch: moment.epoch,
      pairs: tasks.indices.flatMap { i in
        tasks.indices[..<i].map { j in
          .init(first: tasks[j], second: tasks[i], cosine: cosines[i][j])
        }
      })
  }

  private func gates(_ engine: StaticEngine) throws -> [TrainingMoment.Distribution] {
    var own = plan
    own.weights = try engine.wholeWeights()
    if probe == nil {
      probe = try ProbeRun(own)
    } else {
      probe?.takeWeights(of: own)
    }
    return try probe?.gateDistributions(rows) ?? []
  }
}
