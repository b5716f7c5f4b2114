/// Metrics of every task over a set of rows.
public struct EvaluationReport: Sendable, Hashable {
  /// Of episodes the query rows; 0 of images.
  public var rows: Int
  public var seconds: Double
  /// After the inner loop where the model learns from episodes; empty for images.
  public var tasks: [TaskMetrics]
  /// nil for a model that learns from rows.
  public var episodes: EpisodeMetrics?

  public init(
    rows: Int, seconds: Double, tasks: [TaskMetrics], episodes: EpisodeMetrics? = nil
  ) {
    self.rows = rows
    self.seconds = seconds
    self.tasks = tasks
    self.episodes = episodes
  }

  public subscript(task: String) -> TaskMetrics? { tasks.first { $0.task == task } }

  /// Of episodes each task, with the metric that tells how well it adapts and its value before the inner
  /// loop and after it.
  package var adaptations: [(metrics: TaskMetrics, metric: Metric, before: Double?, after: Double?)]
  {
    zip(tasks, episodes?.before ?? []).compactMap { after, before in
      after.entries.first.map {
        (after, $0.metric, before[$0.metric]?.value, $0.value.value)
      }
    }
  }
}

/// An evaluation within a training run, or after it.
public struct Evaluation: Sendable, Hashable {
  /// Steps done before it.
  public var step: Int
  /// What was measured on.
  public var set: RowSet
  public var report: EvaluationReport

  public init(step: Int, on set: RowSet, _ report: EvaluationReport) {
    self.step = step
    self.set = set
    self.report = report
  }
}
