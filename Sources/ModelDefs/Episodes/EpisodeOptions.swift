/// How a model is trained on episodes.
public struct EpisodeOptions: Sendable, Hashable {
  /// Steps of the meta optimizer.
  package var steps: Int
  /// Episodes of a step.
  package var batchSize: Int
  /// Episodes of an evaluation; nil for every group of rows.
  package var evaluationEpisodes: Int?
  /// Steps from one evaluation to the next; 0 for none before the end.
  package var evaluationInterval: Int
}
