import Plan
import Schema

/// Trains an engine on a source: epochs of shuffled batches, with losses, validation and progress.
public final class Trainer {
  public let engine: any TrainingEngine
  public var epochs: Int
  public let batchSize: Int
  public let evaluationBatchSize: Int
  private let learningRate: Double
  private let schedule: LearningRateSchedule
  private let earlyStopping: EarlyStopping?
  private let weighting: TaskWeighting
  private let taskWeights: [TaskWeight]
  /// Called a few times a second and at the end of each epoch.
  public var onProgress: ((TrainingStatus) -> Void)?
  /// Called after each epoch with its report and the place reached; may throw to end training.
  public var onEpoch: ((EpochReport, TrainingPosition) throws -> Void)?
  /// Looked at after every step; true ends training there.
  public var shouldStop: (() -> Bool)?

  private static let progressNanoseconds: UInt64 = 100_000_000
  private static let snapshotNanoseconds: UInt64 = 5_000_000_000

  /// Batches no larger than the engine takes.
  public init(engine: any TrainingEngine, settings: TrainingSettings) {
    self.engine = engine
    epochs = settings.epochs
    learningRate = settings.optimizer.learningRate
    schedule = settings.schedule
    earlyStopping = settings.earlyStopping
    weighting = settings.taskWeighting
    taskWeights = settings.taskWeights
    batchSize = max(1, min(settings.batchSize, engine.capacity(.train)))
    evaluationBatchSize = max(1, min(settings.evaluationBatchSize, engine.capacity(.predict)))
  }

  /// Rows to validate on after each epoch.
  public struct Validation {
    public var source: any BatchSource
    public var rows: [Int32]

    public init(source: any BatchSource, rows: [Int32]) {
      self.source = source
      self.rows = rows
    }
  }

  /// Trains from `position` to the end of the last epoch. Goes on bit for bit as a run that never
  /// stopped when the engine's state is the one that it had there.
  ///
  /// - Parameter order: the rows of an epoch (from 0) in the order of their use; always the same
  ///   for the same epoch.
  /// With early stopping the engine has the best epoch's parameters afterwards, unless `shouldStop`
  /// ended the run.
  /// - Throws: `FeedError`, `NumericError`, `EarlyStoppingError`, and what `order` and the engine
  ///   throw.
  public func train(
    _ source: any BatchSource, order: @escaping (_ epoch: Int) throws -> [Int32],
    validation: Validation? = nil, from position: TrainingPosition = .start
  ) throws -> TrainingReport {
    let destinations = try engine.destinations(for: source.feeds, .train)
    var watch = try earlyStopping.map { settings in
      guard let feeds = validation?.source.feeds else { throw EarlyStoppingError.noValidation }
      return try EarlyStoppingWatch(
        settings, tasks: engine.tasks,
        hasGroups: feeds.contains { $0.name == FeedLayout.group }, from: position.watch)
    }
    var cursor = BatchCursor(position, epochs: epochs, batchSize: batchSize, order: order)
    var report = TrainingReport(epochs: [], position: position, isStopped: false)
    var recovery = Recovery(engine, cursor)
    var trained = (rows: 0, nanoseconds: UInt64(0))
    while !cursor.isDone, !report.isStopped, !(watch?.isPatienceSpent ?? false) {
      var sums = LossSums(tasks: engine.tasks.count)
      let start = Platform.nanoseconds()
      var shown = start
      var now = start
      func status() -> TrainingStatus {
        let spent = Double(max(1, trained.nanoseconds + now - start)) / 1e9
        let rate = Double(trained.rows + sums.rows) / spent
        let left = cursor.rows.count * (epochs - cursor.position.epoch) - cursor.position.row
        return TrainingStatus(
          epoch: cursor.position.epoch + 1, epochs: epochs, rows: cursor.position.row,
          rowsInEpoch: cursor.rows.count, step: engine.step, rowsPerSecond: rate,
          loss: sums.loss, taskLosses: sums.taskLosses,
          secondsLeft: rate > 0 ? Double(left) / rate : 0)
      }
      while let batch = try cursor.next() {
        Self.copy(cursor.rows, batch, source, destinations)
        setLearningRate(rowsInEpoch: cursor.rows.count)
        try engine.train(rows: batch.count)
        guard engine.loss.isFinite else {
          throw diagnose(recovery, source, destinations, until: engine.step, cursor.position)
        }
        sums.add(engine, rows: batch.count)
        now = Platform.nanoseconds()
        if now - shown > Self.progressNanoseconds {
          shown = now
          onProgress?(status())
          if now - recovery.time > Self.snapshotNanoseconds { recovery = Recovery(engine, cursor) }
        }
        if let shouldStop, shouldStop() {
          report.isStopped = true
          break
        }
      }
      now = Platform.nanoseconds()
      if engine.nonFiniteParameter() != nil {
        throw diagnose(recovery, source, destinations, until: engine.step, cursor.position)
      }
      onProgress?(status())
      trained = (trained.rows + sums.rows, trained.nanoseconds + now - start)
      var epoch = EpochReport(
        epoch: cursor.position.epoch + 1, rows: sums.rows, seconds: Double(now - start) / 1e9,
        loss: sums.loss, taskLosses: sums.taskLosses, taskWeights: effectiveWeights(sums),
        learningRate: engine.learningRate)
      let isComplete = cursor.position.row >= cursor.rows.count
      if isComplete {
        try DynamicWeightAverage(weighting)?.endEpoch(engine, rows: cursor.rows.count)
        cursor.nextEpoch()
      }
      if isComplete, let validation {
        let found = try evaluate(validation.source, rows: validation.rows)
        epoch.validation = found
        try watch?.look(found, epoch: epoch.epoch, engine)
      }
      report.position = cursor.position
      report.position.watch = watch?.state
      report.epochs.append(epoch)
      try onEpoch?(epoch, report.position)
    }
    if let watch, !report.isStopped {
      try watch.restore(engine)
      report.best = watch.state.best
    }
    return report
  }

  /// By task what its loss counts in the total, the mean over the rows of `sums`.
  private func effectiveWeights(_ sums: LossSums) -> [Double?] {
    zip(engine.tasks, sums.taskFactors).map { task, factor in
      guard let own = taskWeights.first(where: { $0.task == task.name }) else { return nil }
      return own.weight * (factor ?? 1)
    }
  }

  /// Sets the rate of the engine's next step.
  func setLearningRate(rowsInEpoch: Int) {
    let steps = (rowsInEpoch + batchSize - 1) / batchSize
    engine.learningRate =
      learningRate * schedule.factor(step: engine.step, stepsPerEpoch: steps, epochs: epochs)
  }

  /// Metrics over those rows; nil means all.
  public func evaluate(_ source: any BatchSource, rows: [Int32]? = nil) throws
    -> EvaluationReport
  {
    try Evaluator(engine: engine, batchSize: evaluationBatchSize).evaluate(source, rows: rows)
  }

  static func copy(
    _ rows: [Int32], _ batch: Range<Int>, _ source: any BatchSource,
    _ destinations: [UnsafeMutableRawPointer?]
  ) {
    rows.withUnsafeBufferPointer { rows in
      source.copyRows(UnsafeBufferPointer(rebasing: rows[batch]), into: destinations)
    }
  }
}
