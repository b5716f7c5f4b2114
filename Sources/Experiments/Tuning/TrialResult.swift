import Schema

/// What training with some settings, for some epochs, came to.
public struct TrialResult: Sendable, Hashable {
  /// A key of the spec and the value that was tried, as JSON.
  public struct Setting: Sendable, Hashable {
    public var key: String
    public var value: String

    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// The metrics of a task on the validation rows that tell a good model from a bad one.
  public struct TaskScores: Sendable, Hashable {
    public var task: String
    /// In the order of `TaskKind.metrics`; nil where a metric has no value.
    public var scores: [Score]

    package init(task: String, scores: [Score]) {
      self.task = task
      self.scores = scores
    }

    public subscript(name: String) -> Double? {
      scores.first { $0.metric.name == name }?.value
    }
  }

  public struct Score: Sendable, Hashable {
    public var metric: Metric
    public var value: Double?

    package init(metric: Metric, value: Double?) {
      self.metric = metric
      self.value = value
    }
  }

  /// From 1, in the order in which settings were drawn.
  public var trial: Int
  public var epochs: Int
  public var settings: [Setting]
  /// Empty where it failed.
  public var tasks: [TaskScores]
  /// Why there are no metrics, as a loss that is not finite.
  public var failure: String?
  /// From its start to its end.
  public var seconds: Double

  package init(
    trial: Int, epochs: Int, settings: [Setting], tasks: [TaskScores], failure: String?,
    seconds: Double
  ) {
    self.trial = trial
    self.epochs = epochs
    self.settings = settings
    self.tasks = tasks
    self.failure = failure
    self.seconds = seconds
  }

  public subscript(task: String) -> TaskScores? { tasks.first { $0.task == task } }
}

extension TrialResult.TaskScores {
  /// The means over folds, of those that have a value.
  static func means(_ folds: [[TrialResult.TaskScores]]) -> [TrialResult.TaskScores] {
    (folds.first ?? []).map { first in
      TrialResult.TaskScores(
        task: first.task,
        scores: first.scores.map { score in
          let values = folds.compactMap { fold in
            fold.first { $0.task == first.task }?[score.metric.name]
          }
          return TrialResult.Score(
            metric: score.metric,
            value: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count))
        })
    }
  }

  init(_ metrics: TaskMetrics) {
    task = metrics.task
    scores = metrics.entries.filter { $0.metric.better != nil }.map {
      TrialResult.Score(metric: $0.metric, value: $0.value.value)
    }
  }
}
