import GraphIR
import Plan
import Schema

/// The eager engine as a training engine: the same steps, op by op.
package final class EagerTrainingEngine: TrainingEngine, EagerParameterEngine {
  package let model: EagerModel<Float>
  package var engine: EagerEngine<Float> { model.engine }
  package var learningRate: Double {
    get { model.learningRate }
    set { model.learningRate = newValue }
  }
  package let tasks: [TaskRecord]
  private let trainCapacity: Int
  private let predictCapacity: Int
  private var inputs: [ProgramPurpose: FeedMemory] = [:]
  private var outputs: [String: EagerTensor<Float>] = [:]
  private var losses: [Float?]
  private var weights: [Float?]
  package private(set) var loss = Float.nan

  /// - Parameters:
  ///   - model: hands out "loss" and "loss.<task>" when training, each task's `output` when not.
  ///   - trainCapacity: the most rows of a training step.
  ///   - predictCapacity: the most rows of a prediction step.
  package init(
    model: EagerModel<Float>, tasks: [TaskRecord], trainCapacity: Int, predictCapacity: Int
  ) {
    self.model = model
    self.tasks = tasks
    self.trainCapacity = max(1, trainCapacity)
    self.predictCapacity = max(1, predictCapacity)
    losses = [Float?](repeating: nil, count: tasks.count)
    weights = losses
  }

  package func capacity(_ purpose: ProgramPurpose) -> Int {
    switch purpose {
    case .train: trainCapacity
    case .predict: predictCapacity
    }
  }

  /// Every feed of the source: what the model reads of them shows only as it runs.
  package func destinations(for feeds: [FeedLayout.Feed], _ purpose: ProgramPurpose) throws
    -> [UnsafeMutableRawPointer?]
  {
    if let memory = inputs[purpose], memory.feeds == feeds { return memory.blocks.map { $0 } }
    let memory = FeedMemory(feeds, rows: capacity(purpose))
    inputs[purpose] = memory
    return memory.blocks.map { $0 }
  }

  package func train(rows: Int) throws { try train(rows: rows, looking: false) }

  private func train(rows: Int, looking: Bool) throws {
    model.engine.findsNonFinite = looking
    defer { model.engine.findsNonFinite = false }
    let outputs = try model.step(
      batchSize: rows, feeds: inputs[.train]?.storage(rows: rows) ?? [:])
    loss = outputs[OutputName.loss]?.scalar ?? .nan
    for (k, task) in tasks.enumerated() {
      losses[k] = outputs[OutputName.loss(task.name)]?.scalar
      weights[k] =
        model.taskFactors[task.name] ?? outputs[OutputName.weight(task.name)]?.scalar
    }
  }

  package func loss(task: Int) -> Float? { losses[task] }
  package func weight(task: Int) -> Float? { weights[task] }

  package func predict(rows: Int) throws {
    outputs = try model.predict(
      batchSize: rows, feeds: inputs[.predict]?.storage(rows: rows) ?? [:])
    for task in tasks where outputs[task.output]?.count != rows * task.width {
      throw EagerError.missingOutput(task.output)
    }
  }

  package func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    let count = rows * tasks[task].width
    guard let values = outputs[tasks[task].output]?.floats, values.count >= count else { return }
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { destination.update(from: base, count: count) }
    }
  }

  package func trainLookingForNonFinite(rows: Int) throws -> String? {
    try train(rows: rows, looking: true)
    return model.engine.firstNonFinite.map(\.description)
  }
}
