import Plan
import Schema

/// Steps on batches of rows.
final class RowSteps: TrainingSteps {
  let rowEngine: any TrainingEngine
  var engine: any ParameterEngine { rowEngine }
  private let trainer: Trainer
  private let source: any BatchSource
  private let order: (Int) throws -> [Int32]
  private let validation: Trainer.Validation?
  private let destinations: [UnsafeMutableRawPointer?]
  private var rows = 0
  private var sums: LossSums

  /// - Throws: `FeedError` when the source lacks a feed that the model reads.
  init(
    _ trainer: Trainer, _ source: any BatchSource, order: @escaping (Int) throws -> [Int32],
    validation: Trainer.Validation?
  ) throws {
    self.trainer = trainer
    rowEngine = trainer.engine
    self.source = source
    self.order = order
    self.validation = validation
    destinations = try trainer.engine.destinations(for: source.feeds, .train)
    sums = LossSums(tasks: trainer.engine.tasks.count)
  }

  func cursor(from position: TrainingPosition) -> BatchCursor {
    BatchCursor(
      position, epochs: trainer.epochs, batchSize: trainer.batchSize, order: order)
  }

  func load(_ batch: Range<Int>, of cursor: BatchCursor) throws {
    rows = batch.count
    try Trainer.copy(cursor.rows, batch, source, destinations)
  }

  func train() throws { try rowEngine.train(rows: rows) }
  func trainLookingForNonFinite() throws -> String? {
    try rowEngine.trainLookingForNonFinite(rows: rows)
  }

  var loss: (value: Float, task: String?) {
    let total = rowEngine.loss
    if total.isFinite { return (total, nil) }
    let task = rowEngine.tasks.indices.first { rowEngine.loss(task: $0)?.isFinite == false }
    return (
      task.flatMap { rowEngine.loss(task: $0) } ?? total, task.map { rowEngine.tasks[$0].name }
    )
  }

  func addLosses() { sums.add(rowEngine, rows: rows) }
  func clearLosses() { sums = LossSums(tasks: rowEngine.tasks.count) }

  var means: LossMeans {
    let weights = zip(rowEngine.tasks, sums.taskFactors).map { task, factor -> Double? in
      guard let own = trainer.settings.taskWeights.first(where: { $0.task == task.name }) else {
        return nil
      }
      return own.weight * (factor ?? 1)
    }
    return LossMeans(
      rows: sums.rows, loss: sums.loss, tasks: sums.taskLosses, weights: weights)
  }

  func isReportDue(_ step: Int) -> Bool { false }

  func endEpoch(rows: Int) throws {
    try DynamicWeightAverage(trainer.settings.taskWeighting)?.endEpoch(rowEngine, rows: rows)
  }

  func isEvaluationDue(_ step: Int, isEndOfEpoch: Bool) -> Bool {
    isEndOfEpoch && validation != nil
  }

  func evaluate() throws -> Evaluation {
    guard let validation else { throw EarlyStoppingError.noValidation }
    return .rows(try trainer.evaluate(validation.source, rows: validation.rows))
  }
}
