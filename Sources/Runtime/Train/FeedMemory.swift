import GraphIR
import Schema

/// Memory for the feeds of a source.
package final class FeedMemory {
  package let feeds: [FeedLayout.Feed]
  package let blocks: [UnsafeMutableRawPointer]

  package init(_ feeds: [FeedLayout.Feed], rows: Int) {
    self.feeds = feeds
    blocks = feeds.map { feed in
      let bytes = max(4, 4 * rows * feed.width)
      let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      return block
    }
  }

  deinit {
    for block in blocks { block.deallocate() }
  }

  package func storage<Scalar: EagerScalar>(rows: Int) -> EagerModel<Scalar>.Feeds {
    var result: EagerModel<Scalar>.Feeds = [:]
    for (feed, block) in zip(feeds, blocks) {
      let count = rows * feed.width
      result[InputID(feed.name)] =
        feed.isInteger
        ? .ids(
          Array(UnsafeBufferPointer(start: block.assumingMemoryBound(to: Int32.self), count: count))
        )
        : .floats(
          converting: Array(
            UnsafeBufferPointer(start: block.assumingMemoryBound(to: Float.self), count: count)))
    }
    return result
  }
}
