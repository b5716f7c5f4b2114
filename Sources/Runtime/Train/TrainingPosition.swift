/// A place in a training run: epochs completed, the rows already used of the one that runs, and what
/// early stopping has seen.
public struct TrainingPosition: Sendable, Hashable {
  public var epoch: Int
  public var row: Int
  /// Nil without early stopping.
  public var watch: EarlyStoppingState?

  public init(epoch: Int = 0, row: Int = 0, watch: EarlyStoppingState? = nil) {
    self.epoch = epoch
    self.row = row
    self.watch = watch
  }

  public static let start = TrainingPosition()
}
