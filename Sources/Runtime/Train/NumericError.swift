/// Training that has left the finite numbers.
package struct NumericError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The first task whose loss is not finite; nil when only the whole loss or a parameter is not.
  package var task: String?
  /// What was seen, as `loss is nan`.
  package var observation: String
  /// The training step, counted from 1, and its epoch.
  package var step: Int
  package var epoch: Int
  /// What first held a value that is not finite; nil when it could not be reproduced.
  package var origin: String?
  /// The largest number read until then, where it is far from 1.
  package var extreme: ExtremeNumber?

  package init(
    task: String?, observation: String, step: Int, epoch: Int, origin: String?,
    extreme: ExtremeNumber? = nil
  ) {
    self.task = task
    self.observation = observation
    self.step = step
    self.epoch = epoch
    self.origin = origin
    self.extreme = extreme
  }

  /// What to do about it.
  package var remedy: String {
    extreme?.remedy
      ?? "lower training.optimizer.learning_rate or training.l2, or set training.gradient_clip_norm"
  }

  package var description: String {
    let subject = task.map { "task '\($0)': " } ?? ""
    let cause = origin.map { "; first seen in \($0)" } ?? ""
    let reads = extreme.map { "; the largest number read until then is \($0)" } ?? ""
    return "\(subject)\(observation) at step \(step) (epoch \(epoch))\(cause)\(reads)"
  }
}
