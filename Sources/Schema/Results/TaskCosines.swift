/// How far the tasks of a model pulled the parameters that they share apart at one moment of its training.
public struct TaskCosines: Sendable, Hashable {
  /// Two tasks.
  public struct Pair: Sendable, Hashable {
    public var first: String
    public var second: String
    /// Of the angle between the gradients of their losses by the shared parameters, −1 to 1.
    public var cosine: Double

    public init(first: String, second: String, cosine: Double) {
      self.first = first
      self.second = second
      self.cosine = cosine
    }

    /// As charts and files name the pair.
    public var name: String { "\(first) and \(second)" }
  }

  /// Epochs that were done.
  public var epoch: Int
  public var pairs: [Pair]

  public init(epoch: Int, pairs: [Pair]) {
    self.epoch = epoch
    self.pairs = pairs
  }
}
