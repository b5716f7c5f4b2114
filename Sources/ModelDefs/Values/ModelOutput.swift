import Schema

/// The names of a model's outputs.
public enum ModelOutput {
  /// The sum of the tasks' losses, each times its weight, f32[].
  public static let loss = "loss"
  /// A task's own loss, f32[].
  public static func loss(_ task: String) -> String { TaskWeighting.lossOutput(task) }
  /// The factor of a task's loss that changes in training, where there is one, f32[].
  public static func weight(_ task: String) -> String { TaskWeighting.weightOutput(task) }
  /// The probability of a binary task, the value of a regression, f32[B, 1]; the probabilities of
  /// the classes, f32[B, classes].
  public static func prediction(_ task: String) -> String { "prediction.\(task)" }
}
