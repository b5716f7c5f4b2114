import Schema

/// Encoded rows in memory: for each feed of the layout a row-major matrix `[rowCount, width]` of
/// 4-byte elements (`Float` or `Int32`), or of bytes where `ReadOptions.keepsBytes` made ids smaller.
package final class Dataset: BatchSource, Sendable {
  package let layout: FeedLayout
  package var feeds: [FeedLayout.Feed] { layout.feeds }
  package let rowCount: Int
  private let storage: FeedStorage

  /// Takes storage whose first `rowCount` rows are filled and that is not written to after it.
  init(_ storage: FeedStorage, rowCount: Int) {
    layout = storage.layout
    self.storage = storage
    self.rowCount = rowCount
  }

  /// The bytes of the layout's feed `index` as they lie in memory, valid only while the caller holds
  /// on to the dataset. For rows that were read without `ReadOptions.keepsBytes`.
  package func feedBytes(_ index: Int) -> UnsafeRawBufferPointer {
    let elements = rowCount * layout.feeds[index].width
    return UnsafeRawBufferPointer(
      start: storage.feeds[index], count: elements * storage.elementBytes[index])
  }

  /// The most memory that the rows take: while they are read, before ids are narrowed to bytes.
  package var byteCount: Int { layout.feeds.reduce(0) { $0 + 4 * rowCount * $1.width } }

  /// A feed of floats by name; nil when there is none.
  package func floats(_ feed: String) -> FeedValues<Float>? {
    layout.feeds.firstIndex { $0.name == feed && !$0.isInteger }
      .map { FeedValues(storage, feed: $0, rowCount: rowCount) }
  }

  /// A feed of ids by name; nil when there is none.
  package func integers(_ feed: String) -> FeedValues<Int32>? {
    layout.feeds.firstIndex { $0.name == feed && $0.isInteger }
      .map { FeedValues(storage, feed: $0, rowCount: rowCount) }
  }

  /// Gathers rows in the given order. Allocates nothing.
  ///
  /// - Parameters:
  ///   - rows: row numbers, each in `0..<rowCount`.
  ///   - destinations: for each feed of the layout where `rows.count` rows go; nil skips the feed.
  package func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) {
    precondition(destinations.count == layout.feeds.count, "one destination for each feed")
    let limit = UInt32(truncatingIfNeeded: rowCount)
    for row in rows {
      precondition(UInt32(bitPattern: row) < limit, "the dataset has no such row")
    }
    for feed in layout.feeds.indices {
      guard let destination = destinations[feed] else { continue }
      let width = layout.feeds[feed].width
      if storage.elementBytes[feed] == 1 {
        for k in 0..<rows.count {
          storage.widen(
            feed, from: Int(rows[k]) &* width, count: width, to: destination + k &* width &* 4)
        }
        continue
      }
      let source = UnsafeRawPointer(storage.feeds[feed])
      if width == 1 {
        let values = source.assumingMemoryBound(to: UInt32.self)
        let output = destination.assumingMemoryBound(to: UInt32.self)
        for k in 0..<rows.count { output[k] = values[Int(rows[k])] }
        continue
      }
      if width == 2 {
        // Two elements at once; the storage is aligned to 8 bytes, the destination may not be.
        for k in 0..<rows.count {
          let pair = source.loadUnaligned(fromByteOffset: Int(rows[k]) &* 8, as: UInt64.self)
          destination.storeBytes(of: pair, toByteOffset: k &* 8, as: UInt64.self)
        }
        continue
      }
      let bytes = width &* 4
      for k in 0..<rows.count {
        (destination + k &* bytes).copyMemory(
          from: source + Int(rows[k]) &* bytes, byteCount: bytes)
      }
    }
  }

  /// Copies consecutive rows; `destinations` as above.
  package func copyRows(_ rows: Range<Int>, into destinations: [UnsafeMutableRawPointer?]) {
    precondition(destinations.count == layout.feeds.count, "one destination for each feed")
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows of the dataset")
    for feed in layout.feeds.indices {
      guard let destination = destinations[feed] else { continue }
      let width = layout.feeds[feed].width
      if storage.elementBytes[feed] == 1 {
        storage.widen(
          feed, from: rows.lowerBound * width, count: rows.count * width, to: destination)
        continue
      }
      let bytes = width * 4
      destination.copyMemory(
        from: storage.feeds[feed] + rows.lowerBound * bytes, byteCount: rows.count * bytes)
    }
  }
}
