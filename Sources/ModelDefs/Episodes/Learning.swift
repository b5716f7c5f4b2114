import GraphIR
import Schema

/// What a step of training learns from. Episodes are tasks, each with a support set to adapt on and a
/// query set to predict.
package enum Learning: Sendable {
  /// A batch of rows.
  case rows
  /// Episodes that are groups of rows.
  case groups(RowEpisodeModel)
  /// Episodes of images.
  case images(ImageEpisodeModel)

  package var isOfEpisodes: Bool {
    if case .rows = self { false } else { true }
  }
}

/// What the graphs of a model depend on besides the spec.
package enum ModelShape: Sendable, Hashable {
  /// The fitted data declaration of the spec, of rows alone or in groups.
  /// - Parameter labels: What the training rows showed of each label; empty for nothing.
  case rows(DataSchema, labels: [LabelStatistics] = [])
  case images(height: Int, width: Int)

  /// Empty for images.
  package var schema: DataSchema {
    switch self {
    case .rows(let schema, _): schema
    case .images: DataSchema(format: TableFormat(), features: [], labels: [])
    }
  }
}

extension Spec {
  /// Emits the program of one task of a model that learns from episodes. A training emitter takes the
  /// inner steps of training and allows for gradients of the loss by the parameters; another one takes
  /// those of evaluation.
  /// - Throws: `ModelError` when the shape is not that of the spec's episodes, `TypeError`.
  package func buildEpisode<E: DifferentiableEmitter>(_ shape: ModelShape, on emitter: E) throws {
    switch (learning, shape) {
    case (.images(let model), .images(let height, let width)):
      try model.build(height: height, width: width, on: emitter)
    case (.groups(let model), .rows(let schema, let labels)):
      try model.build(
        features: features, ModelContext(tasks: tasks, priors: labels.map { LabelPrior($0) }),
        schema: schema.withoutGroup, on: emitter)
    case (.rows, _): throw ModelError("the model learns from rows")
    case (.images, .rows), (.groups, .images):
      throw ModelError("the data is not that of the spec's episodes")
    }
  }
}
