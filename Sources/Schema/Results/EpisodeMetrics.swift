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

  public var episodes: Int
  /// The query loss after the inner loop.
  public var loss: Mean
  public var lossBefore: Mean?
  /// The share of query images that are classified correctly.
  public var accuracy: Mean?
  /// The tasks of the report as they are before the inner loop.
  public var before: [TaskMetrics]

  public init(
    episodes: Int, loss: Mean, lossBefore: Mean?, accuracy: Mean?, before: [TaskMetrics]
  ) {
    self.episodes = episodes
    self.loss = loss
    self.lossBefore = lossBefore
    self.accuracy = accuracy
    self.before = before
  }
}
