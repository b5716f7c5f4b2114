/// The order of rows in each epoch where only a window of blocks is in memory: `window` blocks at a
/// time, with all their rows shuffled. It depends on the seed and the epoch alone.
///
/// The blocks of a window come evenly from all parts of the file: one at random from each run of as
/// many consecutive blocks as there are windows. So each window has nearly the labels, times and
/// users of the whole file, however the file is sorted.
package struct BlockShuffle: Sendable, Hashable {
  package var seed: UInt64
  package var rows: Int
  package var blockRows: Int
  /// Blocks that are mixed with each other.
  package var window: Int
  /// Whether the order is random; otherwise it is that of the file.
  package var isShuffled: Bool

  package init(seed: UInt64, rows: Int, blockRows: Int, window: Int, isShuffled: Bool = true) {
    precondition(rows >= 0 && blockRows > 0 && window > 0, "blocks of rows, and a window of them")
    self.seed = seed
    self.rows = rows
    self.blockRows = blockRows
    // The same number of windows, but of nearly equal size.
    let count = max(1, (rows + blockRows - 1) / blockRows)
    let windows = (count + window - 1) / window
    self.window = (count + windows - 1) / windows
    self.isShuffled = isShuffled
  }

  /// The blocks in the order of their use.
  package func blocks(epoch: Int) -> [Int32] {
    let count = (rows + blockRows - 1) / blockRows
    guard isShuffled else { return Array(0..<Int32(count)) }
    let windows = (count + window - 1) / window
    var random = stream(epoch: epoch, place: -1)
    var parts: [[Int32]] = Array(repeating: [], count: windows)
    for start in stride(from: 0, to: count, by: max(1, windows)) {
      var members = Array(0..<windows)
      random.shuffle(&members)
      for (member, block) in zip(members, start..<min(start + windows, count)) {
        parts[member].append(Int32(block))
      }
    }
    // Shuffled, since the last window may take blocks of the part before it.
    for part in parts.indices { random.shuffle(&parts[part]) }
    return parts.flatMap { $0 }
  }

  /// A stream of random numbers for each window of an epoch.
  private func stream(epoch: Int, place: Int) -> SplitMix64 {
    var mixed = SplitMix64(seed: seed ^ 0x5851_F42D_4C95_7F2D, stream: UInt64(epoch))
    return SplitMix64(seed: mixed.next(), stream: UInt64(bitPattern: Int64(place)))
  }

  /// The rows in the order of their use, those of a window of `blocks` after those of the one
  /// before.
  package func order(epoch: Int) -> [Int32] {
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
      var random = stream(epoch: epoch, place: start)
      var last = order.count - 1
      while last > first {
        order.swapAt(last, first + random.below(last - first + 1))
        last -= 1
      }
    }
    return order
  }
}

extension SplitMix64 {
  fileprivate mutating func shuffle<Member>(_ members: inout [Member]) {
    var last = members.count - 1
    while last > 0 {
      members.swapAt(last, below(last + 1))
      last -= 1
    }
  }
}
