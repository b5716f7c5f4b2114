/// Columns of 4-byte elements in a row-major feed, as one encoder writes it.
struct FeedColumn {
  var feed: Int
  var width: Int
  var offset: Int

  /// A pointer to row `row` of this column; the next row is `width` elements on.
  @inline(__always)
  func pointer<T>(_ storage: FeedStorage, row: Int, as type: T.Type) -> UnsafeMutablePointer<T> {
    storage.feeds[feed].assumingMemoryBound(to: T.self) + (row &* width &+ offset)
  }

  /// The same for a feed of ids, whose elements may be bytes.
  @inline(__always)
  func ids(_ storage: FeedStorage, row: Int) -> IdCells {
    let place = row &* width &+ offset
    let feed = storage.feeds[feed]
    return storage.elementBytes[self.feed] == 1
      ? .bytes(feed.assumingMemoryBound(to: UInt8.self) + place)
      : .words(feed.assumingMemoryBound(to: Int32.self) + place)
  }
}

/// The first of some cells of ids.
enum IdCells {
  case words(UnsafeMutablePointer<Int32>)
  case bytes(UnsafeMutablePointer<UInt8>)

  /// Writes an id into the cell `place` elements on. False when the cell is a byte and the id does
  /// not fit it.
  @inline(__always)
  func store(_ id: Int32, at place: Int) -> Bool {
    switch self {
    case .words(let cells): cells[place] = id
    case .bytes(let cells):
      cells[place] = UInt8(truncatingIfNeeded: id)
      return UInt32(bitPattern: id) <= 255
    }
    return true
  }
}
