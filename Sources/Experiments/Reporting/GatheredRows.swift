import Data
import Schema

/// Copies of some rows of a source, which can be looked at in any order.
final class GatheredRows: BatchSource {
  let feeds: [FeedLayout.Feed]
  let rowCount: Int
  /// By feed a row-major matrix.
  private let blocks: [UnsafeMutableRawPointer]

  /// - Parameters:
  ///   - rows: Of the source, in the order in which it likes to be read; nil for all.
  ///   - most: How many are taken, evenly spread over `rows`.
  init(_ source: any BatchSource, rows: [Int32]? = nil, most: Int) throws {
    let all = rows?.count ?? Int(Int32(clamping: source.rowCount))
    let count = max(0, min(all, most))
    let chosen = (0..<count).map { k in
      // Both are numbers of 32 bits.
      let place = count == all ? k : k * all / count
      return rows.map { $0[place] } ?? Int32(truncatingIfNeeded: place)
    }
    let feeds = source.feeds
    self.feeds = feeds
    rowCount = count
    blocks = feeds.map {
      .allocate(byteCount: max(4, 4 * count * $0.width), alignment: 64)
    }
    // Some at a time, as a streamed source hands them out.
    for start in stride(from: 0, to: count, by: 1024) {
      let batch = Array(chosen[start..<min(start + 1024, count)])
      let places = zip(feeds, blocks).map { feed, block in
        Optional(block + 4 * start * feed.width)
      }
      try batch.withUnsafeBufferPointer { try source.copyRows($0, into: places) }
    }
  }

  deinit { for block in blocks { block.deallocate() } }

  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) {
    for (place, feed) in feeds.enumerated() {
      guard let destination = destinations[place] else { continue }
      let bytes = 4 * feed.width
      for (k, row) in rows.enumerated() {
        precondition(row >= 0 && Int(row) < rowCount, "a row that was gathered")
        (destination + k * bytes).copyMemory(
          from: blocks[place] + Int(row) * bytes, byteCount: bytes)
      }
    }
  }

  /// One column of a feed of numbers; nil where there is none.
  func floats(_ feed: String, column: Int) -> [Float]? { values(feed, column, isInteger: false) }

  /// One column of a feed of ids; nil where there is none.
  func integers(_ feed: String, column: Int) -> [Int32]? { values(feed, column, isInteger: true) }

  private func values<Value>(_ name: String, _ column: Int, isInteger: Bool) -> [Value]? {
    guard let place = feeds.firstIndex(where: { $0.name == name && $0.isInteger == isInteger }),
      column < feeds[place].width
    else { return nil }
    let base = blocks[place].assumingMemoryBound(to: Value.self)
    return (0..<rowCount).map { base[$0 * feeds[place].width + column] }
  }
}
