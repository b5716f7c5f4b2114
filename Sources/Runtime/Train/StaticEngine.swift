import Plan
import Schema
import Transport

/// A compiled plan as a training engine.
package final class StaticEngine: TrainingEngine, SessionEngine {
  package let session: Session
  package let tasks: [TaskRecord]
  private let taskWeights: [FetchView?]
  /// The whole loss and those of the tasks.
  private let losses: [FetchView?]
  package let workers: (any Transport)?
  package var isAlone: Bool { workers == nil }
  /// What workers that share tables do together; nil where each has them whole.
  let tables: ShardedTables?
  /// What takes the steps of a plan with micro-batches, and where it keeps the losses.
  private let microBatched: MicroBatchedStep?
  /// Of each task where its rows lie, and how many values a row has; empty where the plan does not predict.
  private let predictions: [(rows: FetchRows, width: Int)]

  /// - Parameter transport: To the other workers of a run that shares micro-batches; each has a session of the
  ///   same plan with the same parameters, and takes the same steps.
  /// - Throws: `SessionError` when the plan's predict program lacks a task's output; `TransportError` when the
  ///   plan has not as many micro-batches as workers can share.
  package init(_ session: Session, transport: (any Transport)? = nil) throws {
    self.session = session
    tasks = session.plan.tasks
    losses = ([OutputName.loss] + tasks.map { OutputName.loss($0.name) }).map {
      try? session.fetch($0, .train)
    }
    tables = try session.shards.flatMap { shards in
      try transport.map { try ShardedTables(session, shards, $0) }
    }
    microBatched =
      session.plan.program(.update) == nil
      ? nil
      : try MicroBatchedStep(
        session, means: losses.compactMap { $0 }, transport: transport, tables: tables)
    workers = transport.flatMap { $0.count > 1 ? $0 : nil }
    if let workers, microBatched == nil {
      throw TransportError.workers(workers.count, microBatches: 1)
    }
    taskWeights = tasks.map { try? session.fetch(OutputName.weight($0.name), .train) }
    predictions =
      session.plan.program(.predict) == nil
      ? []
      : try tasks.map { (FetchRows(try session.fetch($0.output, .predict)), $0.width) }
  }

  package convenience init(plan: Plan, threads: Int? = nil) throws {
    try self.init(Session(plan: plan, threads: threads))
  }

  /// What the workers of one machine have in common; nil where each has memory of its own.
  private var common: CommonMemory?

  /// Has workers that are all on one machine keep tables that are updated by rows once for all of them, and share
  /// their update. All workers call it, with the same parameters and before the first step.
  package func shareMemory() throws {
    guard let workers, tables == nil, let microBatched,
      session.plan.training.optimizer.sparse != nil, let common = try CommonMemory(workers)
    else { return }
    try microBatched.share(common)
    self.common = common
  }

  /// Waits until no worker reads tables any more that all are about to change, or have changed.
  func meetAtTables() throws { if common != nil { try workers?.barrier() } }

  package func restoreParameters(_ values: [Float]) throws {
    try meetAtTables()
    try session.setWeights(values)
    try meetAtTables()
  }

  /// What the exchanges of all training steps so far have cost; nil for one worker alone.
  package var exchangeCost: ExchangeCost? {
    guard let cost = microBatched?.exchangeCost else { return nil }
    return tables.map { cost + $0.exchange.cost } ?? cost
  }

  package func nonFiniteParameter() throws -> String? {
    try tables?.nonFiniteParameter() ?? session.nonFiniteParameter()
  }

  /// Has all workers stop after the step in which one of them asks for it; `isStopAgreed` then tells each.
  package func askToStop(if condition: @escaping () -> Bool) {
    microBatched?.asksToStop = condition
  }

  package var isStopAgreed: Bool { microBatched?.isStopAgreed ?? false }

  package func capacity(_ purpose: ProgramPurpose) -> Int {
    switch purpose {
    case .train: microBatched?.capacity ?? session.batchCapacity(.train)
    case .predict: session.batchCapacity(.predict)
    }
  }

  /// Where a step reads its rows.
  package func feeds(_ purpose: ProgramPurpose) throws -> [FeedBlock] {
    let feeds =
      if purpose == .train, let microBatched { microBatched.feeds } else {
        try session.feeds(purpose.program)
      }
    // Where copies of rows are is no matter of the data.
    return tables == nil ? feeds : feeds.filter { $0.name != TableShards.placesFeed }
  }

  package func destinations(for feeds: [FeedLayout.Feed], _ purpose: ProgramPurpose) throws
    -> [UnsafeMutableRawPointer?]
  {
    let blocks = try self.feeds(purpose)
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

  package func train(rows: Int) throws {
    if let microBatched { return try microBatched.step(rows: rows) }
    try session.run(.train, rows: rows)
  }
  package func predict(rows: Int) throws {
    try tables?.fetchPredicted(rows: rows)
    try session.run(.predict, rows: rows)
  }
  package func joinPrediction() throws { try tables?.fetchPredicted(rows: 0) }

  package var loss: Float { loss(at: 0) ?? .nan }
  package func loss(task: Int) -> Float? { loss(at: task + 1) }

  private func loss(at place: Int) -> Float? {
    guard let view = losses[place] else { return nil }
    guard let microBatched else { return view.scalar }
    return microBatched.values[losses[..<place].count { $0 != nil }]
  }

  package func weight(task: Int) -> Float? { taskWeights[task]?.scalar }

  package func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    guard !predictions.isEmpty else { return }
    predictions[task].rows.copy(rows, width: predictions[task].width, to: destination)
  }

  /// The same with so many floats from a row to the next.
  package func copyPredictions(
    task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>, stride: Int
  ) {
    guard !predictions.isEmpty else { return }
    predictions[task].rows.copy(
      rows, width: predictions[task].width, to: destination, stride: stride)
  }

  package func trainLookingForNonFinite(rows: Int) throws -> String? {
    if let microBatched { return try microBatched.stepLookingForNonFinite(rows: rows) }
    return try session.runLookingForNonFinite(.train, rows: rows)
  }

  /// The gradients of a step on the rows that were written, by parameter, row-major and before they are clipped.
  /// Nothing is moved. A parameter that is missing has none.
  package func gradients(rows: Int) throws -> [String: [Float]] {
    var gradients: [String: [Float]] = [:]
    if let microBatched {
      try microBatched.accumulate(rows: rows)
      for record in session.plan.parameters where record.isTrainable {
        gradients[record.name] = try microBatched.gradient(of: record, rows: rows)
      }
      return gradients
    }
    try session.run(.gradients, rows: rows)
    for record in session.plan.parameters where record.isTrainable {
      let fetch = EpisodeName.gradient(record.name)
      guard session.hasFetch(fetch, .gradients) else { continue }
      gradients[record.name] = try session.fetch(fetch, .gradients).values(rows: 1)
    }
    return gradients
  }
}

extension ProgramPurpose {
  var program: Program.Kind {
    switch self {
    case .train: .train
    case .predict: .predict
    }
  }
}
