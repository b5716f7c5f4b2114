/// Training that has left the finite numbers.
public struct NumericError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The first task whose loss is not finite; nil when only the whole loss or a parameter is not.
  public var task: String?
  /// What was seen, as `loss is nan`.
  public var observation: String
  /// The training step, counted from 1, and its epoch.
  public var step: Int
  public var epoch: Int
  /// What first held a value that is not finite; nil when it could not be reproduced.
  public var origin: String?

  public init(task: String?, observation: String, step: Int, epoch: Int, origin: String?) {
    self.task = task
    self.observation = observation
    self.step = step
    self.epoch = epoch
    self.origin = origin
  }

  public var description: String {
    let subject = task.map { "task '\($0)': " } ?? ""
    let cause = origin.map { "; first seen in \($0)" } ?? ""
    return "\(subject)\(observation) at step \(step) (epoch \(epoch))\(cause)"
  }
}
