import Data
import ModelDefs
import Plan
import Runtime
import Schema

/// Makes the report of a trained plan.
struct ModelReporter {
  let plan: Plan
  let threads: Int?

  /// Rows with labels that a report is made of.
  struct Rows {
    var source: any BatchSource
    /// nil for all rows of the source.
    var rows: [Int32]?
    /// As `test rows`.
    var name: String
    /// What was measured on them already.
    var evaluation: EvaluationReport?
  }

  /// Memory that the rows may take, which are looked at in any order.
  private static let mostBytes = 256 << 20
  /// Rows whose parts are told apart.
  private static let mostSlicedRows = 50_000
  /// Rows that gates and experts are run on.
  private static let probedRows = 1024
  /// Predictions that the importance of all features takes together.
  private static let mostPermuted = 300_000

  /// The report of a model that learns from rows. Throws `FeedError`, and what reading the rows throws.
  func report(_ rows: Rows) throws -> ModelReport {
    let predictor = try Predictor(CompiledPlan(plan), threads: threads)
    let width =
      rows.source.feeds.reduce(0) { $0 + $1.width } + plan.tasks.reduce(0) { $0 + $1.width }
    let gathered = try GatheredRows(
      rows.source, rows: rows.rows, most: max(1000, Self.mostBytes / (4 * max(1, width))))
    let engine = predictor.engine
    let evaluation =
      try rows.evaluation
      ?? Evaluator(engine: engine, batchSize: engine.capacity(.predict)).evaluate(gathered)
    var report = try start(rows.name, evaluation)
    let scores = try RowScores(engine, gathered)
    report.sampledRows = gathered.rowCount
    report.tasks = scores.tasks.filter { !$0.labels.isEmpty }.map { task in
      TaskReport(task, classes: classes(of: task.record))
    }
    report.funnel = FunnelStepReport.steps(try spec().funnelSteps, scores)
    report.tables = TableReport.tables(plan, gathered)
    if let probe = try ProbeRun(plan) {
      (report.gates, report.experts) = try probe.reports(gathered, rows: Self.probedRows)
    }
    let few = try GatheredRows(gathered, most: Self.mostSlicedRows)
    let sliced = few.rowCount == gathered.rowCount ? scores : try RowScores(engine, few)
    report.slices = RowSlices(schema: plan.schema, source: few, scores: sliced).slices()
    report.importance = try importance(predictor, few)
    return report
  }

  /// The report of a model that learns from episodes, of which only the evaluation is known.
  func report(_ name: String, _ evaluation: EvaluationReport) throws -> ModelReport {
    try start(name, evaluation)
  }

  private func start(_ set: String, _ evaluation: EvaluationReport) throws -> ModelReport {
    var report = ModelReport(
      name: plan.name, seed: plan.training.seed, specText: plan.specText,
      weights: CompiledPlan(plan).weights, set: set, evaluation: evaluation,
      diagram: try CompiledPlan(plan).diagram())
    report.origin = ModelOrigin(
      schema: plan.schema.features.isEmpty ? nil : plan.schema, training: plan.training)
    return report
  }

  private func spec() throws -> Spec {
    try Spec(text: plan.specText, file: "the plan's spec", overrides: [])
  }

  private func classes(of task: TaskRecord) -> [String] {
    guard let column = task.labelColumn, case .classes(let names) = plan.schema.labels[column].kind
    else { return [] }
    return names
  }

  /// nil where there are no features, or so many that few rows could be permuted.
  private func importance(
    _ predictor: Predictor, _ rows: GatheredRows
  ) throws -> ImportanceReport? {
    let features = plan.schema.features.count
    let repetitions = 3
    guard features > 0 else { return nil }
    let count = min(rows.rowCount, 20_000, Self.mostPermuted / (features * repetitions))
    guard count >= min(rows.rowCount, 500) else { return nil }
    return try predictor.importance(
      GatheredRows(rows, most: count), (0..<features).map { [$0] }, repetitions: repetitions,
      seed: 1)
  }
}
