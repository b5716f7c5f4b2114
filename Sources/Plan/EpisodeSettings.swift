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

  public init(
    kind: Kind, steps: Int, tasksPerStep: Int, evaluationEpisodes: Int, evaluationInterval: Int
  ) {
    self.kind = kind
    self.steps = steps
    self.tasksPerStep = tasksPerStep
    self.evaluationEpisodes = evaluationEpisodes
    self.evaluationInterval = evaluationInterval
  }

  /// The feeds of a task: those of its support set, then those of its query set, each a whole set in
  /// one row. Those of rows are the schema's without its last feature, which names the group.
  package func feeds(_ schema: DataSchema) -> [FeedLayout.Feed] {
    let sets: [(name: String, size: Int)]
    let parts: [FeedLayout.Feed]
    switch kind {
    case .images(let ways, let shots, let queries, let height, let width, _):
      sets = [(EpisodeName.support, ways * shots), (EpisodeName.query, ways * queries)]
      parts = [
        .init(name: EpisodeName.images, width: height * width, isInteger: false),
        .init(name: EpisodeName.labels, width: 1, isInteger: true),
      ]
    case .rows(let support, let queries):
      sets = [(EpisodeName.support, support), (EpisodeName.query, queries)]
      var rows = schema
      rows.features = Array(rows.features.dropLast())
      parts = rows.feeds.feeds
    }
    return sets.flatMap { set in
      parts.map {
        .init(
          name: EpisodeName.feed(set.name, $0.name), width: set.size * $0.width,
          isInteger: $0.isInteger)
      }
    }
  }
}
