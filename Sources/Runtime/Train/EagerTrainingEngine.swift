import GraphIR
import Plan
import Schema

/// The eager engine as a training engine: the same steps, op by op.
public final class EagerTrainingEngine: TrainingEngine {
  public let model: EagerModel<Float>
  public let tasks: [TaskRecord]
  private let trainCapacity: Int
  private let predictCapacity: Int
  private var inputs: [EnginePurpose: FeedMemory] = [:]
  private var outputs: [String: EagerTensor<Float>] = [:]
  private var losses: [Float?]
  private var weights: [Float?]
  public private(set) var loss = Float.nan

  /// - Parameters:
  ///   - model: hands out "loss" and "loss.<task>" when training, each task's `output` when not.
  ///   - trainCapacity: the most rows of a training step.
  ///   - predictCapacity: the most rows of a prediction step.
  public init(
    model: EagerModel<Float>, tasks: [TaskRecord], trainCapacity: Int, predictCapacity: Int
  ) {
    self.model = model
    self.tasks = tasks
    self.trainCapacity = max(1, trainCapacity)
    self.predictCapacity = max(1, predictCapacity)
    losses = [Float?](repeating: nil, count: tasks.count)
    weights = losses
  }

  public var step: Int { model.engine.step }

  public func capacity(_ purpose: EnginePurpose) -> Int {
    switch purpose {
    case .train: trainCapacity
    case .predict: predictCapacity
    }
  }

  /// Every feed of the source: what the model reads of them shows only as it runs.
  public func destinations(for feeds: [FeedLayout.Feed], _ purpose: EnginePurpose) throws
    -> [UnsafeMutableRawPointer?]
  {
    if let memory = inputs[purpose], memory.feeds == feeds { return memory.blocks.map { $0 } }
    let memory = FeedMemory(feeds, rows: capacity(purpose))
    inputs[purpose] = memory
    return memory.blocks.map { $0 }
  }

  public var learningRate: Double {
    get { model.learningRate }
    set { model.learningRate = newValue }
  }
  public func train(rows: Int) throws { try train(rows: rows, looking: false) }

  private func train(rows: Int, looking: Bool) throws {
    model.engine.findsNonFinite = looking
    defer { model.engine.findsNonFinite = false }
    let outputs = try model.step(
      batchSize: rows, feeds: inputs[.train]?.storage(rows: rows) ?? [:])
    loss = outputs[EagerModel<Float>.lossOutput]?.scalar ?? .nan
    for (k, task) in tasks.enumerated() {
      losses[k] = outputs[TaskWeighting.lossOutput(task.name)]?.scalar
      weights[k] =
        model.taskFactors[task.name] ?? outputs[TaskWeighting.weightOutput(task.name)]?.scalar
    }
  }

  /// The training step without its update.
  func rehearse(rows: Int) throws {
    try model.step(
      batchSize: rows, feeds: inputs[.train]?.storage(rows: rows) ?? [:], isUpdating: false)
  }

  public func loss(task: Int) -> Float? { losses[task] }
  public func weight(task: Int) -> Float? { weights[task] }

  public func predict(rows: Int) throws {
    outputs = try model.predict(
      batchSize: rows, feeds: inputs[.predict]?.storage(rows: rows) ?? [:])
    for task in tasks where outputs[task.output]?.count != rows * task.width {
      throw EagerError.missingOutput(task.output)
    }
  }

  public func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    let count = rows * tasks[task].width
    guard let values = outputs[tasks[task].output]?.floats, values.count >= count else { return }
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { destination.update(from: base, count: count) }
    }
  }

  // MARK: Parameters and state

  /// Empty before the first step: parameters are declared as the model is run.
  public var parameterNames: [String] { model.engine.parameterIDs.map(\.name) }

  public func parameter(_ name: String) throws -> [Float] {
    guard let variable = model.engine.variable(ParameterID(name)) else {
      throw EagerError.unknownParameter(ParameterID(name))
    }
    return variable.values
  }

  public func setParameter(_ name: String, _ values: [Float]) throws {
    try model.engine.setValues(of: ParameterID(name), values)
  }

  public func copyParameters() -> EngineSnapshot {
    var values: [String: [Float]] = [:]
    for (id, floats) in model.engine.state.values { values[id.name] = floats }
    return EngineSnapshot(step: model.engine.step, values: values)
  }

  public func restoreParameters(_ snapshot: EngineSnapshot) throws {
    for (name, floats) in snapshot.values {
      try model.engine.setValues(of: ParameterID(name), floats)
    }
  }

  private static let snapshotFloats = 4 << 20

  /// nil for models beyond 16 MiB of parameters. Before the first step it is empty, and stands for
  /// the parameters' start values.
  public func snapshot() -> EngineSnapshot? {
    let state = model.engine.state
    let count = state.values.values.reduce(0) { $0 + $1.count }
    guard count <= Self.snapshotFloats else { return nil }
    var values: [String: [Float]] = [:]
    for (id, floats) in state.values { values[id.name] = floats }
    for (id, states) in state.states {
      for (k, floats) in states.enumerated() { values["\(k)/\(id.name)"] = floats }
    }
    return EngineSnapshot(step: state.step, values: values)
  }

  public func restore(_ snapshot: EngineSnapshot) throws {
    var state = EagerState<Float>(step: snapshot.step, values: [:])
    for id in model.engine.parameterIDs {
      guard let floats = snapshot.values[id.name] else {
        guard let parameter = model.engine.variable(id)?.parameter else { continue }
        state.values[id] = EagerVariable<Float>(parameter, seed: model.engine.seed).values
        continue
      }
      state.values[id] = floats
      var states: [[Float]] = []
      while let more = snapshot.values["\(states.count)/\(id.name)"] { states.append(more) }
      state.states[id] = states
    }
    try model.engine.load(state)
  }

  public func trainLookingForNonFinite(rows: Int) throws -> String? {
    try train(rows: rows, looking: true)
    return model.engine.firstNonFinite.map { "op \($0.position): \($0)" }
  }

  public func nonFiniteParameter() -> String? {
    model.engine.parameterIDs.first { id in
      model.engine.variable(id)?.values.contains { !$0.isFinite } ?? false
    }?.name
  }
}

/// Memory for the feeds of a source.
private final class FeedMemory {
  let feeds: [FeedLayout.Feed]
  let blocks: [UnsafeMutableRawPointer]

  init(_ feeds: [FeedLayout.Feed], rows: Int) {
    self.feeds = feeds
    blocks = feeds.map { feed in
      let bytes = max(4, 4 * rows * feed.width)
      let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      return block
    }
  }

  deinit {
    for block in blocks { block.deallocate() }
  }

  func storage(rows: Int) -> EagerModel<Float>.Feeds {
    var result: EagerModel<Float>.Feeds = [:]
    for (feed, block) in zip(feeds, blocks) {
      let count = rows * feed.width
      result[InputID(feed.name)] =
        feed.isInteger
        ? .ids(
          Array(UnsafeBufferPointer(start: block.assumingMemoryBound(to: Int32.self), count: count))
        )
        : .floats(
          Array(UnsafeBufferPointer(start: block.assumingMemoryBound(to: Float.self), count: count))
        )
    }
    return result
  }
}
