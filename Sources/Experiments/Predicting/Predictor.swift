import Data
import Plan
import Runtime
import Schema

/// Predicts and evaluates with a trained plan. Nothing but the plan is needed: it holds columns,
/// vocabularies, normalisers, weights and programs.
///
/// It belongs to one thread of use.
public final class Predictor {
  let plan: Plan
  let engine: StaticEngine

  /// Opens a plan file; `-` is standard input.
  ///
  /// - Parameter threads: nil for as many as the plan makes use of.
  public convenience init(contentsOf path: String, threads: Int? = nil) throws(ExperimentError) {
    try self.init(CompiledPlan(contentsOf: path), threads: threads)
  }

  /// - Throws: A plan error for a plan that was not trained or cannot predict.
  public init(_ compiled: CompiledPlan, threads: Int? = nil) throws(ExperimentError) {
    try compiled.requireTrained()
    let plan = compiled.plan
    guard plan.episodes == nil else {
      throw ExperimentError(
        .plan, "a plan that learns from episodes predicts nothing without a task to adapt to",
        hint: "--eval adapts to each task and scores its queries")
    }
    self.plan = plan
    engine = try ExperimentError.wrap { try StaticEngine(Session(plan: plan, threads: threads)) }
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
      let reading = RowReading(skipsDamage: skipsDamagedRecords, observer: observer)
      let rows = try reading.someRows(files, plan.schema, "rows").dataset
      return try Evaluator(
        engine: engine, batchSize: plan.training.evaluationBatchSize
      ).evaluate(rows)
    }
  }
}
