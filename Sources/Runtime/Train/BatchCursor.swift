/// Goes through the batches of a training run: epoch after epoch, each in its own order, the last
/// batch of an epoch smaller where the rows do not divide.
package struct BatchCursor {
  private let order: ((Int) throws -> [Int32])?
  private let batchSize: Int
  private let epochs: Int
  private(set) var position: TrainingPosition
  /// The rows of the epoch that runs, in order.
  private(set) var rows: [Int32] = []
  /// How many rows, or episodes, that epoch has.
  private(set) var count: Int
  private var loadedEpoch = -1

  /// - Parameters:
  ///   - count: Of an epoch without a list of rows, which are taken in their own order.
  ///   - order: The rows of an epoch.
  init(
    _ position: TrainingPosition, epochs: Int, batchSize: Int, count: Int = 0,
    order: ((_ epoch: Int) throws -> [Int32])? = nil
  ) {
    self.position = position
    self.epochs = epochs
    self.batchSize = batchSize
    self.count = count
    self.order = order
  }

  /// The next batch as a range of `rows`; nil at the end of the epoch.
  mutating func next() throws -> Range<Int>? {
    if let order, loadedEpoch != position.epoch {
      rows = try order(position.epoch)
      count = rows.count
      loadedEpoch = position.epoch
    }
    guard position.row < count else { return nil }
    let start = position.row
    position.row = min(start + batchSize, count)
    return start..<position.row
  }

  /// On to the next epoch, if there is one.
  mutating func nextEpoch() {
    position = TrainingPosition(epoch: position.epoch + 1, row: 0)
  }

  var stepsInEpoch: Int { (count + batchSize - 1) / batchSize }
  var isDone: Bool { position.epoch >= epochs }
}
