import Schema

/// What a search for hyperparameters found.
public struct Tuning: Sendable {
  public var name: String
  /// Of the search.
  public var seed: UInt64
  /// What it went by: a metric, or nil for the mean rank over the tasks.
  public var metric: String?
  /// The folds whose mean each result is; nil for results on validation rows.
  public var folds: FoldRule?
  /// The tasks with the metric that each is ranked by.
  public var tasks: [(name: String, metric: Metric)]
  /// For how many epochs settings were trained, from the least to the most.
  public var epochs: [Int]
  /// All trainings, by trial and epochs.
  public var results: [TrialResult]
  /// How good each result is among all, less being better: the mean rank, or the metric with its sign changed
  /// where more is better. Infinite for one that failed.
  public var scores: [Double]
  /// The place of the best result.
  public var best: Int
  /// The places of the results that no other one equals or beats in every task and beats in one.
  public var front: [Int]
  /// The spec with the best settings and their number of epochs, in JSON5, without a section `search`. Its
  /// paths are absolute.
  public var bestSpec: String

  /// What the metrics are of.
  public var measured: String {
    folds.map { "the mean of \(Format.count($0.count, "fold"))" } ?? "validation rows"
  }

  /// How many settings were tried.
  public var trials: Int { Set(results.map(\.trial)).count }

  /// The places of all results, the best first.
  public var ranking: [Int] {
    results.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
  }
}
