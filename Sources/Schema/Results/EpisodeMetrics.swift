/// How well a model adapts to the tasks of an evaluation.
public struct EpisodeMetrics: Sendable, Hashable {
  /// A mean over episodes with its 95 % confidence interval.
  public struct Mean: Sendable, Hashable {
    public var value: Double
    /// 1.96 standard errors of the mean; 0 for a single episode.
    public var margin: Double

    public init(value: Double, margin: Double) {
      self.value = value
      self.margin = margin
    }
  }

  /// A task of rows, over the query rows of all episodes.
  public struct Task: Sendable, Hashable {
    public var name: String
    public var isBinary: Bool
    public var rows: Int
    /// Before the inner loop and after it; nil where it is not defined.
    public var before: Double?
    public var after: Double?

    /// What is measured.
    public var metric: Metric { isBinary ? .auc : .rootMeanSquaredError }

    public init(name: String, isBinary: Bool, rows: Int, before: Double?, after: Double?) {
      self.name = name
      self.isBinary = isBinary
      self.rows = rows
      self.before = before
      self.after = after
    }
  }

  public var episodes: Int
  /// The query loss after the inner loop.
  public var loss: Mean
  public var lossBefore: Mean?
  /// The share of query images that are classified correctly.
  public var accuracy: Mean?
  /// Empty for images.
  public var tasks: [Task]

  public init(
    episodes: Int, loss: Mean, lossBefore: Mean?, accuracy: Mean?, tasks: [Task]
  ) {
    self.episodes = episodes
    self.loss = loss
    self.lossBefore = lossBefore
    self.accuracy = accuracy
    self.tasks = tasks
  }
}

/// An evaluation within a training run on episodes, or after it.
public struct EpisodeEvaluation: Sendable, Hashable {
  public enum Data: String, Sendable, Hashable { case validation, test }

  /// Meta steps done before it.
  public var step: Int
  /// What was measured on.
  public var data: Data
  public var metrics: EpisodeMetrics

  public init(step: Int, data: Data, metrics: EpisodeMetrics) {
    self.step = step
    self.data = data
    self.metrics = metrics
  }
}
