import ModelDefs
import Plan
import Schema

extension Spec {
  /// What a plan records of learning from episodes.
  /// - Throws: `ModelError` when the shape is not that of the spec's episodes.
  func episodeSettings(_ shape: ModelShape) throws -> EpisodeSettings {
    guard let options = episodes else { throw ModelError("the model learns from rows") }
    let kind: EpisodeSettings.Kind
    let feeds: [FeedLayout.Feed]
    switch (learning, shape) {
    case (.images(let model), .images(let height, let width)):
      kind = .images(
        ways: model.ways, shots: model.shots, queries: model.queries, height: height, width: width,
        rotations: files.rotations)
      feeds = Self.feeds(model.ways * model.shots, model.ways * model.queries) { images in
        [
          .init(name: EpisodeName.images, width: images * height * width, isInteger: false),
          .init(name: EpisodeName.labels, width: images, isInteger: true),
        ]
      }
    case (.groups(let model), .rows(let schema, _)):
      kind = .rows(support: model.supportRows, queries: model.queryRows)
      feeds = Self.feeds(model.supportRows, model.queryRows) { rows in
        schema.withoutGroup.feeds.feeds.map {
          .init(name: $0.name, width: rows * $0.width, isInteger: $0.isInteger)
        }
      }
    case (.images, .rows), (.groups, .images), (.rows, _):
      throw ModelError("the data is not that of the spec's episodes")
    }
    return EpisodeSettings(
      kind: kind, steps: options.steps, tasksPerStep: options.batchSize,
      evaluationEpisodes: options.evaluationEpisodes ?? 0,
      evaluationInterval: options.evaluationInterval, feeds: feeds)
  }

  /// The feeds of the support set, then those of the query set.
  private static func feeds(
    _ support: Int, _ query: Int, _ feeds: (_ count: Int) -> [FeedLayout.Feed]
  ) -> [FeedLayout.Feed] {
    [(EpisodeName.support, support), (EpisodeName.query, query)].flatMap { part, count in
      feeds(count).map {
        .init(
          name: EpisodeName.feed(part, $0.name), width: $0.width, isInteger: $0.isInteger)
      }
    }
  }
}
