import Plan
import Schema

/// A compiled plan as a training engine.
public final class StaticEngine: TrainingEngine {
  public let session: Session
  public let tasks: [TaskRecord]
  private let totalLoss: FetchView?
  private let taskLosses: [FetchView?]
  private let taskWeights: [FetchView?]
  private let predictions: [FetchView?]
  /// Above this size no copy of the state is kept: tables of gigabytes must fit beside it.
  private static let snapshotBytes = 16 << 20

  /// - Throws: `SessionError` when the plan's predict program lacks a task's output.
  public init(_ session: Session) throws {
    self.session = session
    tasks = session.plan.tasks
    totalLoss = try? session.fetch("loss", .train)
    taskLosses = tasks.map { try? session.fetch("loss.\($0.name)", .train) }
    taskWeights = tasks.map {
      try? session.fetch(TaskWeighting.weightOutput($0.name), .train)
    }
    if session.plan.program(.predict) != nil {
      var views: [FetchView?] = []
      for task in tasks { views.append(try session.fetch(task.output, .predict)) }
      predictions = views
    } else {
      predictions = tasks.map { _ in nil }
    }
  }

  public convenience init(plan: Plan, threads: Int? = nil) throws {
    try self.init(Session(plan: plan, threads: threads))
  }

  public var step: Int { session.step }

  public func capacity(_ purpose: EnginePurpose) -> Int { session.batchCapacity(purpose.program) }

  public func destinations(for feeds: [FeedLayout.Feed], _ purpose: EnginePurpose) throws
    -> [UnsafeMutableRawPointer?]
  {
    let blocks = try session.feeds(purpose.program)
    for block in blocks {
      guard let feed = feeds.first(where: { $0.name == block.name }) else {
        throw FeedError.missing(block.name)
      }
      guard feed.width == block.width else {
        throw FeedError.mismatch(name: feed.name, width: feed.width, expected: block.width)
      }
      guard feed.isInteger == block.isInteger else { throw FeedError.type(name: feed.name) }
    }
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }

  public var learningRate: Double {
    get { session.learningRate }
    set { session.learningRate = newValue }
  }
  public func train(rows: Int) throws { try session.run(.train, rows: rows) }
  public func predict(rows: Int) throws { try session.run(.predict, rows: rows) }

  public var loss: Float { totalLoss?.scalar ?? .nan }
  public func loss(task: Int) -> Float? { taskLosses[task]?.scalar }

  public func weight(task: Int) -> Float? { taskWeights[task]?.scalar }

  public func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    predictions[task]?.copyRows(rows, width: tasks[task].width, to: destination)
  }

  public var parameterNames: [String] { session.plan.parameters.map(\.name) }
  public func parameter(_ name: String) throws -> [Float] { try session.parameter(name) }
  public func setParameter(_ name: String, _ values: [Float]) throws {
    try session.setParameter(name, values)
  }

  // MARK: State

  /// The plan with the weights as they are now: a trained plan.
  public var trainedPlan: Plan {
    var plan = session.plan
    plan.weights = session.weights
    plan.progress = nil
    return plan
  }

  /// The plan with weights, optimizer states and the place in the data: a checkpoint.
  public func checkpoint(at position: TrainingPosition) -> Plan {
    var plan = trainedPlan
    plan.progress = TrainingProgress(
      step: session.step, epoch: position.epoch, rowInEpoch: position.row,
      states: session.optimizerStates, watch: position.watch.map(WatchProgress.init))
    return plan
  }

  public func copyParameters() -> EngineSnapshot {
    Self.snapshot(weights: session.weights, step: session.step)
  }

  /// The parameters alone, from the parameter block.
  static func snapshot(weights: [Float], step: Int = 0) -> EngineSnapshot {
    EngineSnapshot(step: step, values: ["weights": weights])
  }

  /// The parameter block of a snapshot.
  static func weights(_ snapshot: EngineSnapshot) -> [Float] { snapshot.values["weights"] ?? [] }

  public func restoreParameters(_ snapshot: EngineSnapshot) throws {
    try session.setWeights(Self.weights(snapshot))
  }

  public func snapshot() -> EngineSnapshot? {
    let bytes = 4 * session.plan.parameterFloats * (1 + session.shared.states.count)
    guard bytes <= Self.snapshotBytes else { return nil }
    var values = ["weights": session.weights]
    for (k, state) in session.optimizerStates.enumerated() { values["state.\(k)"] = state }
    return EngineSnapshot(step: session.step, values: values)
  }

  public func restore(_ snapshot: EngineSnapshot) throws {
    try session.setWeights(Self.weights(snapshot))
    let states = session.shared.states.indices.map { snapshot.values["state.\($0)"] ?? [] }
    try session.resume(
      TrainingProgress(step: snapshot.step, epoch: 0, rowInEpoch: 0, states: states))
  }

  public func trainLookingForNonFinite(rows: Int) throws -> String? {
    try session.runLookingForNonFinite(.train, rows: rows)
  }

  public func nonFiniteParameter() -> String? { session.nonFiniteParameter() }
}

extension EnginePurpose {
  var program: Program.Kind {
    switch self {
    case .train: .train
    case .predict: .predict
    }
  }
}
