import Data
import Plan
import Runtime
import Schema

/// Predicts and evaluates with a trained plan. Nothing but the plan is needed: it holds columns,
/// vocabularies, normalisers, weights and programs.
///
/// It belongs to one thread of use.
public final class Predictor {
  /// The plan as it predicts, without its weights: they are the session's.
  let plan: Plan
  let engine: StaticEngine
  /// The most threads that work on batches.
  let threads: Int

  /// Opens a plan file; `-` is standard input.
  ///
  /// - Parameter threads: nil for as many as there are processors.
  public convenience init(contentsOf path: String, threads: Int? = nil) throws(ExperimentError) {
    try self.init(CompiledPlan(contentsOf: path), threads: threads)
  }

  /// - Throws: A plan error for a plan that was not trained or cannot predict.
  public init(_ compiled: CompiledPlan, threads: Int? = nil) throws(ExperimentError) {
    try compiled.requireTrained()
    let plan = compiled.plan.forPrediction()
    guard plan.episodes == nil else {
      throw ExperimentError(
        .plan, "a plan that learns from episodes predicts nothing without a task to adapt to",
        hint: "--eval adapts to each task and scores its queries")
    }
    self.plan = plan
    self.threads = max(1, threads ?? Platform.processorCount)
    engine = try ExperimentError.wrap {
      let session = try Session(plan: plan, threads: 1)
      if let weights = compiled.plan.weights { try session.setWeights(weights) }
      return try StaticEngine(session)
    }
  }

  /// The columns of predictions: a task's name, or for each of its classes `<task>.<class>`.
  public var columns: [String] { plan.tasks.flatMap(columns) }

  func columns(_ task: TaskRecord) -> [String] {
    guard case .multiclass = task.kind, let column = task.labelColumn,
      case .classes(let names) = plan.schema.labels[column].kind
    else { return [task.name] }
    return names.map { "\(task.name).\($0)" }
  }

  /// Metrics of each task over the labelled rows of files.
  ///
  /// - Parameter skipsDamagedRecords: Leaves damaged records out and counts them.
  public func evaluate(
    _ files: [String], skipsDamagedRecords: Bool = false, observer: any Observer = .silent
  ) throws(ExperimentError) -> EvaluationReport {
    try ExperimentError.wrap {
      let start = ContinuousClock.now
      let damage = skipsDamagedRecords ? DamageLog() : nil
      let batchSize = min(plan.training.evaluationBatchSize, engine.capacity(.predict))
      let reader = PredictionReader(
        labelled: files, schema: plan.schema, batchRows: batchSize, damage: damage)
      let meter = ReadingMeter(
        "evaluating", files: files.filter { $0 != "-" }, verb: "evaluated", observer)
      let scores = ScoreLog(engine.tasks)
      var count = 0
      try PredictionLanes(reader, engine.session, threads: threads).run { batch, lane in
        let scores = try Evaluator(engine: lane.engine, batchSize: batchSize).scores(batch.dataset)
        return (rows: batch.rowCount, bytes: batch.bytesRead, scores: scores)
      } commit: { result in
        scores.append(result.scores)
        count += result.rows
        meter.callback(result.bytes)
      }
      meter.finish(rows: count)
      RowReading(skipsDamage: skipsDamagedRecords, observer: observer)
        .report(damage, beside: count)
      reader.warn(observer)
      let report = try scores.report(
        seconds: (ContinuousClock.now - start).seconds, isConcurrent: threads > 1)
      guard let report else {
        throw DataError("there are no rows", at: files.first.map { .init(file: $0) })
      }
      return report
    }
  }
}

extension PredictionReader {
  /// Tells which keys were not found in side tables.
  func warn(_ observer: any Observer) {
    for join in joins where join.unmatched > 0 { observer.receive(.warning(join.text("input"))) }
  }
}
