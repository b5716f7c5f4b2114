/// The names of a model's outputs.
package enum OutputName {
  /// The sum of the tasks' losses, each times its weight, f32[]; of an episode the query loss after the
  /// inner loop.
  package static let loss = "loss"
  /// A task's own loss, f32[].
  package static func loss(_ task: String) -> String { "loss.\(task)" }
  /// The factor w_k that a task's loss or gradient gets and that changes in training, f32[].
  package static func weight(_ task: String) -> String { "weight.\(task)" }
  /// The sum of what a model adds to its tasks' losses, f32[]; there where the gradients of the tasks
  /// are taken apart and the model adds something.
  package static let penalty = "penalty"
  /// The probability of a binary task, the value of a regression, f32[B, 1]; the probabilities of
  /// the classes, f32[B, classes]. Of an episode those of its query rows.
  package static func prediction(_ task: String) -> String { "prediction.\(task)" }
}
