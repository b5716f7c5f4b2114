/// Where a trained model comes from: how it reads rows, and how it was trained.
public struct ModelOrigin: Sendable {
  /// nil for a model that learns from images.
  public var schema: DataSchema?
  public var training: TrainingSettings

  public init(schema: DataSchema?, training: TrainingSettings) {
    self.schema = schema
    self.training = training
  }
}
