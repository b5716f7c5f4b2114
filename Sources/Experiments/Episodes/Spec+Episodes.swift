import ModelDefs
import Plan
import Schema

extension Spec {
  /// What a plan records of learning from episodes.
  /// - Throws: `ModelError` when the shape is not that of the spec's episodes.
  func episodeSettings(_ shape: ModelShape) throws -> EpisodeSettings {
    guard let options = episodes else { throw ModelError("the model learns from rows") }
    let kind: EpisodeSettings.Kind
    switch (learning, shape) {
    case (.images(let model), .images(let height, let width)):
      kind = .images(
        ways: model.ways, shots: model.shots, queries: model.queries, height: height, width: width,
        rotations: files.rotations)
    case (.groups(let model), .rows):
      kind = .rows(support: model.supportRows, queries: model.queryRows)
    case (.images, .rows), (.groups, .images), (.rows, _):
      throw ModelError("the data is not that of the spec's episodes")
    }
    return EpisodeSettings(
      kind: kind, steps: options.steps, tasksPerStep: options.batchSize,
      evaluationEpisodes: options.evaluationEpisodes ?? 0,
      evaluationInterval: options.evaluationInterval)
  }
}
