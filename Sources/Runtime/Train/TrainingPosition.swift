/// A place in a training run: epochs completed, and the rows already used of the one that runs.
public struct TrainingPosition: Sendable, Hashable {
  public var epoch: Int
  public var row: Int

  public init(epoch: Int = 0, row: Int = 0) {
    self.epoch = epoch
    self.row = row
  }

  public static let start = TrainingPosition()
}
