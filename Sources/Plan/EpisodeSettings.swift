import Schema

/// How a plan that learns from tasks (`model.type` is `maml`) is trained. Its programs run one task
/// each: `gradients` adapts to a task and hands out the loss on its queries with the meta gradient,
/// `predict` adapts and scores the queries, `train` moves the parameters by a gradient that is fed
/// as `gradient.<parameter>`. All have a batch capacity of 1: feeds hold a whole task in one row.
public struct EpisodeSettings: Sendable, Hashable {
  /// What a task is.
  public enum Kind: Sendable, Hashable {
    /// `ways` classes with `shots` images each to adapt on and `queries` to tell apart; with
    /// rotations, turned classes are classes of their own in training.
    case images(
      ways: Int, shots: Int, queries: Int, height: Int, width: Int, rotations: Bool)
    /// A group of rows; the schema's last feature names it.
    case rows(support: Int, queries: Int)
  }
  public var kind: Kind
  /// Steps of the meta optimizer.
  public var steps: Int
  public var tasksPerStep: Int
  /// Episodes of an evaluation; 0 for every group of rows.
  public var evaluationEpisodes: Int
  /// Steps from one evaluation to the next; 0 for none before the end.
  public var evaluationInterval: Int
  /// The feeds of a task.
  public var feeds: [FeedLayout.Feed]

  public init(
    kind: Kind, steps: Int, tasksPerStep: Int, evaluationEpisodes: Int, evaluationInterval: Int,
    feeds: [FeedLayout.Feed]
  ) {
    self.kind = kind
    self.steps = steps
    self.tasksPerStep = tasksPerStep
    self.evaluationEpisodes = evaluationEpisodes
    self.evaluationInterval = evaluationInterval
    self.feeds = feeds
  }
}
