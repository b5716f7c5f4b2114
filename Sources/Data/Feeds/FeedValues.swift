/// The values of one feed of a dataset, row-major `[rowCount, width]`. It keeps the dataset's
/// memory alive.
package struct FeedValues<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
  private let storage: FeedStorage
  private let feed: Int
  private let valueCount: Int

  init(_ storage: FeedStorage, feed: Int, rowCount: Int) {
    self.storage = storage
    self.feed = feed
    valueCount = rowCount * storage.layout.feeds[feed].width
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { valueCount }

  // The standard library's own steps look the type of a range up at each element.
  package func index(after position: Int) -> Int { position + 1 }
  package func index(before position: Int) -> Int { position - 1 }
  package func index(_ position: Int, offsetBy distance: Int) -> Int { position + distance }
  package func distance(from start: Int, to end: Int) -> Int { end - start }

  package subscript(position: Int) -> Element {
    precondition(position >= 0 && position < valueCount, "an index of the feed")
    if storage.elementBytes[feed] == 1 {
      return unsafeBitCast(storage.id(feed, position), to: Element.self)
    }
    return storage.feeds[feed].assumingMemoryBound(to: Element.self)[position]
  }

  package func withContiguousStorageIfAvailable<R>(
    _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R? {
    storage.elementBytes[feed] == 1 ? nil : try withUnsafeBufferPointer(body)
  }

  /// Calls `body` with all values: in place, but for a copy of ids that are kept as bytes.
  package func withUnsafeBufferPointer<R>(
    _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R {
    if storage.elementBytes[feed] == 1 { return try Array(self).withUnsafeBufferPointer(body) }
    return try withExtendedLifetime(storage) {
      try body(
        UnsafeBufferPointer(
          start: storage.feeds[feed].assumingMemoryBound(to: Element.self), count: valueCount))
    }
  }
}
