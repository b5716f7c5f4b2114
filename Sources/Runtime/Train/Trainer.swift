import Plan
import Schema

/// Trains an engine on rows: epochs of shuffled batches.
public final class Trainer: TrainingLoop {
  public let engine: any TrainingEngine
  public let batchSize: Int
  public let evaluationBatchSize: Int

  /// Batches no larger than the engine takes.
  public init(engine: any TrainingEngine, settings: TrainingSettings) {
    self.engine = engine
    batchSize = max(1, min(settings.batchSize, engine.capacity(.train)))
    evaluationBatchSize = max(1, min(settings.evaluationBatchSize, engine.capacity(.predict)))
    super.init(settings, epochs: settings.epochs)
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
  /// - Throws: `FeedError`, `NumericError`, `EarlyStoppingError`, and what `order`, the source and
  ///   the engine throw.
  public func train(
    _ source: any BatchSource, order: @escaping (_ epoch: Int) throws -> [Int32],
    validation: Validation? = nil, from position: TrainingPosition = .start
  ) throws -> TrainingReport {
    let watch = try settings.earlyStopping.map {
      guard let feeds = validation?.source.feeds else { throw EarlyStoppingError.noValidation }
      try $0.requireMetric(
        of: engine.tasks, hasGroups: feeds.contains { $0.name == FeedLayout.group })
      return EarlyStoppingWatch($0, from: position.watch)
    }
    let steps = try RowSteps(self, source, order: order, validation: validation)
    return try run(steps, watch: watch, from: position)
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
  ) throws {
    try rows.withUnsafeBufferPointer { rows in
      try source.copyRows(UnsafeBufferPointer(rebasing: rows[batch]), into: destinations)
    }
  }
}
