/// An order of rows for an epoch that a bounded window of blocks can follow: the blocks of the file
/// in a random order, `window` of them at a time with all their rows mixed. From a seed; epoch n's
/// order needs no other epoch's.
public struct BlockShuffle: Sendable, Hashable {
  public var seed: UInt64
  public var rows: Int
  public var blockRows: Int
  /// Blocks that are mixed with each other.
  public var window: Int
  /// Whether the order is random; otherwise it is that of the file.
  public var isShuffled: Bool

  public init(seed: UInt64, rows: Int, blockRows: Int, window: Int, isShuffled: Bool = true) {
    precondition(rows >= 0 && blockRows > 0 && window > 0, "blocks of rows, and a window of them")
    self.seed = seed
    self.rows = rows
    self.blockRows = blockRows
    self.window = window
    self.isShuffled = isShuffled
  }

  /// The blocks in the order of their use.
  public func blocks(epoch: Int) -> [Int32] {
    let count = (rows + blockRows - 1) / blockRows
    guard isShuffled else { return Array(0..<Int32(count)) }
    return Shuffle(seed: seed).permutation(epoch: epoch, count: count)
  }

  /// The rows in the order of their use, those of a window of `blocks` after those of the one
  /// before.
  public func order(epoch: Int) -> [Int32] {
    let blocks = blocks(epoch: epoch)
    var order: [Int32] = []
    order.reserveCapacity(rows)
    for start in stride(from: 0, to: blocks.count, by: window) {
      let first = order.count
      for block in blocks[start..<min(start + window, blocks.count)] {
        let row = Int(block) * blockRows
        order.append(contentsOf: Int32(row)..<Int32(min(row + blockRows, rows)))
      }
      guard isShuffled else { continue }
      // A stream for each window: a number that no epoch's order of blocks is drawn from.
      var mixed = SplitMix64(seed: seed ^ 0x5851_F42D_4C95_7F2D, stream: UInt64(epoch))
      var random = SplitMix64(seed: mixed.next(), stream: UInt64(start))
      var last = order.count - 1
      while last > first {
        order.swapAt(last, first + random.below(last - first + 1))
        last -= 1
      }
    }
    return order
  }
}
