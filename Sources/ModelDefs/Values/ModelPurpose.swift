/// What a program of a model is for.
public enum ModelPurpose: Sendable, Hashable {
  /// Losses and predictions; reads the labels.
  case train
  /// Predictions only; reads no labels.
  case predict
}
