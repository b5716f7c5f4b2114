/// What a model's metrics lose when the values of a feature are dealt out to other rows.
public struct ImportanceReport: Sendable, Hashable {
  public struct Task: Sendable, Hashable {
    public var name: String
    /// What was measured of it.
    public var metric: Metric
    /// Of the rows as they are.
    public var value: MetricValue

    public init(name: String, metric: Metric, value: MetricValue) {
      self.name = name
      self.metric = metric
      self.value = value
    }
  }

  /// Features that were dealt out together, and what that costs each task.
  public struct Entry: Sendable, Hashable {
    public var features: [String]
    /// By task, how much worse the metric is, a mean over the repetitions; nil where it has no value.
    public var losses: [Loss?]

    public init(features: [String], losses: [Loss?]) {
      self.features = features
      self.losses = losses
    }

    /// The greatest loss of a task.
    public var greatest: Double { losses.compactMap { $0?.mean }.max() ?? 0 }
  }

  public struct Loss: Sendable, Hashable {
    public var mean: Double
    /// Half of the mean's 95 % confidence interval, from the spread over the repetitions.
    public var error: Double

    public init(mean: Double, error: Double) {
      self.mean = mean
      self.error = error
    }
  }

  public var rows: Int
  public var repetitions: Int
  public var tasks: [Task]
  /// The greatest loss first.
  public var entries: [Entry]

  public init(rows: Int, repetitions: Int, tasks: [Task], entries: [Entry]) {
    self.rows = rows
    self.repetitions = repetitions
    self.tasks = tasks
    self.entries = entries
  }
}
