import GraphIR
import Schema

/// What a step of training learns from.
public enum Learning: Sendable {
  /// A batch of rows.
  case rows
  /// Episodes: tasks, each with a support set to adapt on and a query set to predict.
  case episodes(EpisodeModel)
}

/// A model that learns from episodes, by what these are made of.
public enum EpisodeModel: Sendable {
  case images(ImageEpisodeModel)
  /// Groups of rows.
  case rows(RowEpisodeModel)
}

/// What the graphs of an episode depend on besides the spec.
public enum EpisodeShape: Sendable, Hashable {
  case images(height: Int, width: Int)
  /// The fitted data declaration of the spec.
  case rows(DataSchema)
}

extension Spec {
  /// Emits the program of one task of a model that learns from episodes. A training emitter takes the
  /// inner steps of training and allows for gradients of the loss by the parameters; another one takes
  /// those of evaluation.
  /// - Throws: `ModelError` when the shape is not that of the spec's episodes, `TypeError`.
  public func buildEpisode<E: DifferentiableEmitter>(_ shape: EpisodeShape, on emitter: E) throws {
    guard case .episodes(let model) = learning else {
      throw ModelError("the model learns from rows")
    }
    switch (model, shape) {
    case (.images(let model), .images(let height, let width)):
      try model.build(height: height, width: width, on: emitter)
    case (.rows(let model), .rows(let schema)):
      try model.build(features: features, tasks: tasks, schema: schema.withoutGroup, on: emitter)
    case (.images, .rows), (.rows, .images):
      throw ModelError("the data is not that of the spec's episodes")
    }
  }
}
