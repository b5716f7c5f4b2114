import Schema

/// What a model predicts of rows that it was not trained on: by fold the metrics of the rows that were held
/// out.
public struct CrossValidation: Sendable {
  /// A part of the rows, predicted by a model of others.
  public struct Fold: Sendable {
    /// From 1.
    public var number: Int
    /// Rows that the model was trained on, and rows that were held out.
    public var trainingRows: Int
    /// Of the rows that were held out.
    public var metrics: EvaluationReport
    /// What early stopping kept; nil without.
    public var best: BestEpoch?
    /// Of training alone.
    public var seconds: Double
  }

  /// A metric of a task over the folds in which it has a value.
  public struct Summary: Sendable, Hashable {
    public var metric: Metric
    /// How many folds have a value.
    public var folds: Int
    /// Nil where none has.
    public var mean: Double?
    /// Of a single fold, over n − 1; nil for fewer than two.
    public var deviation: Double?

    init(_ metric: Metric, _ values: [Double]) {
      self.metric = metric
      folds = values.count
      guard !values.isEmpty else { return }
      let mean = values.reduce(0, +) / Double(values.count)
      self.mean = mean
      guard values.count > 1 else { return }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      deviation = (squares / Double(values.count - 1)).squareRoot()
    }
  }

  public var name: String
  public var seed: UInt64
  public var rule: FoldRule
  public var folds: [Fold]

  /// The names of the tasks, and of the model's further predictions.
  public var tasks: [String] { folds.first?.metrics.tasks.map(\.task) ?? [] }

  /// The metrics of a task, in the order of `TaskKind.metrics`.
  public func summaries(_ task: String) -> [Summary] {
    let found = folds.compactMap { $0.metrics[task] }
    return (found.first?.entries ?? []).map { entry in
      Summary(entry.metric, found.compactMap { $0[entry.metric]?.value })
    }
  }
}
