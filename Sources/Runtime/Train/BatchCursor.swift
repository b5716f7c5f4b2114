/// Goes through the batches of a training run: epoch after epoch, each in its own order, the last
/// batch of an epoch smaller where the rows do not divide.
struct BatchCursor {
  private let order: (Int) throws -> [Int32]
  private let batchSize: Int
  private let epochs: Int
  private(set) var position: TrainingPosition
  /// The rows of the epoch that runs, in order.
  private(set) var rows: [Int32] = []
  private var loadedEpoch = -1

  init(
    _ position: TrainingPosition, epochs: Int, batchSize: Int,
    order: @escaping (Int) throws -> [Int32]
  ) {
    self.position = position
    self.epochs = epochs
    self.batchSize = batchSize
    self.order = order
  }

  /// The next batch as a range of `rows`; nil at the end of the epoch.
  mutating func next() throws -> Range<Int>? {
    if loadedEpoch != position.epoch {
      rows = try order(position.epoch)
      loadedEpoch = position.epoch
    }
    guard position.row < rows.count else { return nil }
    let start = position.row
    position.row = min(start + batchSize, rows.count)
    return start..<position.row
  }

  /// On to the next epoch, if there is one.
  mutating func nextEpoch() {
    position = TrainingPosition(epoch: position.epoch + 1, row: 0)
  }

  var isDone: Bool { position.epoch >= epochs }
}
