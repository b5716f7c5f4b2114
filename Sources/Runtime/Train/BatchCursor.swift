import Schema

/// Goes through the batches of a training run: epoch after epoch, each in its own order. Batches are of
/// one size, the last one of an epoch smaller where the rows do not divide, or end where the order says.
package struct BatchCursor {
  private let order: ((Int) throws -> EpochOrder)?
  private let batchSize: Int
  private let epochs: Int
  package private(set) var position: TrainingPosition
  /// The rows of the epoch that runs, in order.
  package private(set) var rows: [Int32] = []
  /// How many rows, or episodes, that epoch has.
  private(set) var count: Int
  /// Where the batches of that epoch end, if not at multiples of the batch size.
  private var ends: [Int]?
  private var loadedEpoch = -1
  /// Of the first epoch. Other epochs may have a few more or less where batches end by the order; the
  /// learning rate goes by this number.
  package private(set) var stepsInEpoch: Int

  /// - Parameters:
  ///   - count: Of an epoch without a list of rows, which are taken in their own order.
  ///   - order: The rows of an epoch.
  package init(
    _ position: TrainingPosition, epochs: Int, batchSize: Int, count: Int = 0,
    order: ((_ epoch: Int) throws -> EpochOrder)? = nil
  ) {
    self.position = position
    self.epochs = epochs
    self.batchSize = batchSize
    self.count = count
    self.order = order
    stepsInEpoch = Self.steps(count, batchSize)
  }

  private static func steps(_ count: Int, _ batchSize: Int) -> Int {
    (count + batchSize - 1) / batchSize
  }

  /// The next batch as a range of `rows`; nil at the end of the epoch.
  package mutating func next() throws -> Range<Int>? {
    if let order, loadedEpoch != position.epoch { try load(order) }
    guard position.row < count else { return nil }
    let start = position.row
    position.row = min(start + batchSize, end(after: start))
    return start..<position.row
  }

  private mutating func load(_ order: (Int) throws -> EpochOrder) throws {
    let isFirst = loadedEpoch < 0
    let epoch = try order(position.epoch)
    (rows, ends, count) = (epoch.rows, epoch.batchEnds, epoch.rows.count)
    loadedEpoch = position.epoch
    guard isFirst else { return }
    let first = position.epoch == 0 || ends == nil ? epoch : try order(0)
    stepsInEpoch = first.batchEnds?.count ?? Self.steps(count, batchSize)
  }

  /// Where the batch ends that holds this row.
  private func end(after row: Int) -> Int {
    guard let ends else { return count }
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] <= row { low = middle + 1 } else { high = middle }
    }
    return low < ends.count ? min(ends[low], count) : count
  }

  /// On to the next epoch, if there is one.
  package mutating func nextEpoch() {
    position = TrainingPosition(epoch: position.epoch + 1, row: 0)
  }

  package var isDone: Bool { position.epoch >= epochs }
}
