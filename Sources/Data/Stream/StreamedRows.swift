import Schema
import Synchronization

/// The rows of a stream file by number, with only two windows of blocks in memory: a thread reads the
/// blocks of the next window while the rows of the present one are used. Rows must be asked for in
/// the order of `shuffle`: any rows of one window, then any of the next. Where the system has no
/// thread left, blocks are read when they are asked for.
package final class StreamedRows: BatchSource, @unchecked Sendable {
  package let file: StreamFile
  package let shuffle: BlockShuffle
  package var layout: FeedLayout { file.layout }
  package var feeds: [FeedLayout.Feed] { layout.feeds }
  package var rowCount: Int { file.rowCount }

  /// Two windows of blocks.
  private let slots: [UnsafeMutableRawPointer]
  private let window: Int
  /// By block, its place in the order of the epoch.
  private var ranks: [Int32] = []
  private var blocks: [Int32] = []
  private var currentWindow = 0
  /// The blocks of ranks below this are known to be in memory.
  private var known = 0
  private var readsAhead = false

  private let condition = Condition()
  // Under the lock:
  private var nextRank = 0
  private var windowStart = 0
  private var generation = 0
  private var order: [Int32] = []
  private var isEnding = false
  private var failureFound: DataError?
  private var waited = Duration.zero

  /// - Parameter windowBytes: what the blocks of one window may take; a second one is read ahead.
  package init(_ file: StreamFile, seed: UInt64, isShuffled: Bool, windowBytes: Int = 48 << 20) {
    self.file = file
    let blockBytes = file.blockRows * file.rowBytes
    // As few windows as the bytes allow, of nearly equal size.
    let most = max(1, min(file.blockCount, windowBytes / max(1, blockBytes)))
    let windows = (file.blockCount + most - 1) / most
    window = max(1, (file.blockCount + windows - 1) / max(1, windows))
    shuffle = BlockShuffle(
      seed: seed, rows: file.rowCount, blockRows: file.blockRows, window: window,
      isShuffled: isShuffled)
    slots = (0..<min(2 * window, max(1, file.blockCount))).map { _ in
      UnsafeMutableRawPointer.allocate(byteCount: blockBytes, alignment: 64)
    }
    begin(epoch: 0)
    let reader = SystemThread { [weak self] in
      while let owner = self {
        if !owner.load() { return }
      }
    }
    readsAhead = reader != nil
    reader?.detach()
  }

  deinit {
    for slot in slots { slot.deallocate() }
  }

  /// Ends the reading ahead; no row can be had after it.
  package func close() {
    condition.lock()
    isEnding = true
    condition.broadcast()
    condition.unlock()
  }

  /// Seconds that `copyRows` has waited for blocks.
  package var secondsWaited: Double {
    condition.lock()
    defer { condition.unlock() }
    return waited.seconds
  }

  /// The rows of an epoch in the order of their use; reading ahead follows it from now on.
  package func order(epoch: Int) -> [Int32] {
    begin(epoch: epoch)
    return shuffle.order(epoch: epoch)
  }

  private func begin(epoch: Int) {
    blocks = shuffle.blocks(epoch: epoch)
    ranks = [Int32](repeating: 0, count: blocks.count)
    for (rank, block) in blocks.enumerated() { ranks[Int(block)] = Int32(rank) }
    currentWindow = 0
    known = 0
    condition.lock()
    order = blocks
    restart(at: 0)
    condition.broadcast()
    condition.unlock()
  }

  /// Under the lock: reading goes on at this rank, whatever was read before.
  private func restart(at rank: Int) {
    generation += 1
    nextRank = rank
    windowStart = rank
  }

  // MARK: Reading ahead

  /// Reads the next block that there is room for. False when reading has ended.
  private func load() -> Bool {
    condition.lock()
    let limit = slots.count
    while !isEnding,
      failureFound != nil || nextRank >= order.count
        || nextRank >= windowStart + limit
    {
      // Returns now and then, so that the thread ends when its owner is gone.
      if !condition.wait(milliseconds: 200) {
        condition.unlock()
        return true
      }
    }
    if isEnding {
      condition.unlock()
      return false
    }
    let (rank, age) = (nextRank, generation)
    let block = Int(order[rank])
    condition.unlock()
    var failed: DataError?
    do {
      try file.read(block, into: slots[rank % limit])
    } catch {
      failed = error as? DataError ?? DataError("\(error)", at: .init(file: file.path))
    }
    condition.lock()
    if let failed {
      failureFound = failureFound ?? failed
    } else if age == generation {
      nextRank = rank + 1
    }
    condition.broadcast()
    condition.unlock()
    return true
  }

  /// Waits until the block of this rank is in memory. Throws the first error of reading the file.
  private func require(_ rank: Int) throws {
    let wanted = rank / window
    condition.lock()
    defer { condition.unlock() }
    if wanted != currentWindow {
      currentWindow = wanted
      if wanted * window < windowStart || wanted * window > nextRank {
        restart(at: wanted * window)
      } else {
        windowStart = wanted * window
      }
      condition.broadcast()
    }
    if nextRank <= rank {
      let start = ContinuousClock.now
      while nextRank <= rank, failureFound == nil, !isEnding {
        if readsAhead {
          condition.wait()
        } else {
          condition.unlock()
          _ = load()
          condition.lock()
        }
      }
      waited += ContinuousClock.now - start
    }
    known = nextRank
    if let failureFound { throw failureFound }
    if isEnding { throw DataError("the rows were closed", at: .init(file: file.path)) }
  }

  // MARK: Rows

  /// Gathers rows; as `Dataset.copyRows`. Throws `DataError` when the file cannot be read, or is not
  /// as it was written.
  package func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) throws {
    precondition(destinations.count == layout.feeds.count, "one destination for each feed")
    for (place, row) in rows.enumerated() {
      let (block, offset) = Int(row).quotientAndRemainder(dividingBy: file.blockRows)
      let rank = Int(ranks[block])
      if rank / window != currentWindow || rank >= known { try require(rank) }
      let count = file.rows(of: block)
      var source = UnsafeRawPointer(slots[rank % slots.count])
      for (feed, destination) in zip(layout.feeds, destinations) {
        let bytes = feed.width * 4
        if let destination {
          (destination + place * bytes).copyMemory(from: source + offset * bytes, byteCount: bytes)
        }
        source += count * bytes
      }
    }
  }
}
