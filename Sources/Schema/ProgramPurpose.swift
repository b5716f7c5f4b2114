/// What a program of a model is for.
public enum ProgramPurpose: String, Sendable, Hashable, CaseIterable {
  /// A step of training: losses and predictions; reads the labels.
  case train
  /// Predictions only; reads no labels.
  case predict
}
