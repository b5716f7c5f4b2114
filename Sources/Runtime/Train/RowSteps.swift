import Plan
import Schema

/// Steps on batches of rows, epoch after epoch.
package final class RowSteps: TrainingSteps {
  /// Rows to validate on after each epoch.
  package typealias Validation = (source: any BatchSource, rows: [Int32])

  package let settings: TrainingSettings
  private let rowEngine: any TrainingEngine
  package var engine: any ParameterEngine { rowEngine }
  package var epochs: Int { settings.epochs }
  private let source: any BatchSource
  private let order: (Int) throws -> EpochOrder
  private let validation: Validation?
  private let destinations: [UnsafeMutableRawPointer?]
  /// Rows of tables that are set before the model is validated; nil: none.
  package var untrainedRows: UntrainedRows?
  private var rows = 0
  package var sums: LossSums

  /// Batches are no larger than the engine takes.
  ///
  /// - Parameter order: the rows of an epoch (from 0) in the order of their use; always the same
  ///   for the same epoch.
  /// - Throws: `FeedError` when the source lacks a feed that the model reads.
  package init(
    _ engine: any TrainingEngine, _ settings: TrainingSettings, _ source: any BatchSource,
    order: @escaping (_ epoch: Int) throws -> EpochOrder, validation: Validation? = nil
  ) throws {
    self.settings = settings
    rowEngine = engine
    self.source = source
    self.order = order
    self.validation = validation
    destinations = try engine.destinations(for: source.feeds, .train)
    sums = LossSums(taskCount: engine.tasks.count)
  }

  package func cursor(from position: TrainingPosition) -> BatchCursor {
    BatchCursor(
      position, epochs: epochs,
      batchSize: max(1, min(settings.batchSize, rowEngine.capacity(.train))), order: order)
  }

  package func load(_ batch: Range<Int>, of cursor: BatchCursor) throws {
    rows = batch.count
    try source.copy(cursor.rows, batch, into: destinations)
  }

  package func train() throws { try rowEngine.train(rows: rows) }
  package func trainLookingForNonFinite() throws -> String? {
    try rowEngine.trainLookingForNonFinite(rows: rows)
  }

  package func extreme(_ schema: DataSchema) -> ExtremeNumber? {
    ExtremeNumber.farthest(
      zip(source.feeds, destinations).map { (feed: $0, base: $1) }, rows: 0..<rows, schema)
  }

  package var loss: (value: Float, task: String?) {
    let total = rowEngine.loss
    if total.isFinite { return (total, nil) }
    let task = rowEngine.tasks.indices.first { rowEngine.loss(task: $0)?.isFinite == false }
    return (
      task.flatMap { rowEngine.loss(task: $0) } ?? total, task.map { rowEngine.tasks[$0].name }
    )
  }

  package func addLosses() {
    sums.count += rows
    sums.total += Double(rowEngine.loss) * Double(rows)
    for k in sums.tasks.indices {
      add(rowEngine.loss(task: k), to: &sums.tasks[k])
      add(rowEngine.weight(task: k), to: &sums.factors[k])
    }
  }

  /// A quantity that is not there once has no mean.
  private func add(_ value: Float?, to sum: inout Double?) {
    guard let value, let old = sum else {
      sum = nil
      return
    }
    sum = old + Double(value) * Double(rows)
  }

  package var means: LossMeans {
    let weights = zip(rowEngine.tasks, sums.factors).map { task, factor -> Double? in
      guard let own = settings.taskWeights.first(where: { $0.task == task.name }) else {
        return nil
      }
      return own.weight * (factor.map(sums.mean) ?? 1)
    }
    return LossMeans(
      rows: sums.count, loss: sums.mean(sums.total), tasks: sums.tasks.map { $0.map(sums.mean) },
      weights: weights)
  }

  package func isReportDue(_ step: Int) -> Bool { false }

  package func endEpoch(rows: Int) throws {
    try DynamicWeightAverage(settings.taskWeighting)?.endEpoch(rowEngine, rows: rows)
  }

  package var watchedMetrics: [(task: String?, metric: String)] {
    get throws {
      guard let feeds = validation?.source.feeds else { throw EarlyStoppingError.noValidation }
      return EarlyStopping.metrics(
        of: rowEngine.tasks, hasGroups: feeds.contains { $0.name == FeedLayout.group })
    }
  }

  package func isEvaluationDue(_ step: Int, isEndOfEpoch: Bool) -> Bool {
    isEndOfEpoch && validation != nil
  }

  package func evaluate() throws -> Evaluation {
    guard let validation else { throw EarlyStoppingError.noValidation }
    func evaluate() throws -> EvaluationReport {
      try Evaluator(engine: rowEngine, batchSize: settings.evaluationBatchSize)
        .evaluate(validation.source, rows: validation.rows)
    }
    return Evaluation(
      step: engine.step, on: .validation,
      try untrainedRows?.filled(rowEngine, evaluate) ?? evaluate())
  }
}

extension BatchSource {
  /// Copies a part of a list of rows.
  func copy(
    _ rows: [Int32], _ part: Range<Int>, into destinations: [UnsafeMutableRawPointer?]
  ) throws {
    try rows.withUnsafeBufferPointer {
      try copyRows(UnsafeBufferPointer(rebasing: $0[part]), into: destinations)
    }
  }
}
