import Schema

/// The memory of a layout's feeds: a row-major matrix of 4-byte elements for each; all have room for
/// the same number of rows.
final class FeedStorage: @unchecked Sendable {
  let layout: FeedLayout
  /// Parallel to the layout's feeds.
  ///
  /// It changes only while no thread encodes, and is read for each column: a check that nobody changes it
  /// meanwhile would take as long as a value of a row.
  @exclusivity(unchecked) private(set) var feeds: [UnsafeMutableRawPointer]
  /// Bytes of an element of each feed: 4, or 1 for ids that are kept as bytes.
  @exclusivity(unchecked) private(set) var elementBytes: [Int]
  private(set) var capacity = 0
  private let memoryLimit: Int
  /// Bytes that a row takes here and, while fitting, beside it, with all elements of 4 bytes.
  private let rowBytes: Int

  /// - Parameter byteFeed: the feed of ids that is kept as bytes until it is widened.
  /// - Throws: `DataError` when a row has more bytes than an integer holds.
  init(
    _ layout: FeedLayout, memoryLimit: Int?, extraRowBytes: Int = 0, byteFeed: Int? = nil
  ) throws {
    self.layout = layout
    elementBytes = layout.feeds.indices.map { $0 == byteFeed ? 1 : 4 }
    // The other half is for the plan, the pages of the files and other programs.
    self.memoryLimit = memoryLimit ?? MachineMemory.bytes / 2
    var bytes = extraRowBytes
    for feed in layout.feeds {
      let (product, overflow) = feed.width.multipliedReportingOverflow(by: 4)
      let (sum, carry) = bytes.addingReportingOverflow(product)
      if overflow || carry || feed.width < 0 {
        throw DataError(
          "a row of feed \"\(feed.name)\" has \(feed.width) values: it cannot be held")
      }
      bytes = sum
    }
    rowBytes = bytes
    feeds = try layout.feeds.map { _ in try Self.resized(nil, from: 0, to: 0) }
  }

  deinit {
    for feed in feeds { free(feed) }
  }

  /// Makes room for `rows` rows in all; `expected` is how many there may be in the end. Throws
  /// `DataError` for more than can be numbered, `MemoryShortage`.
  func reserve(_ rows: Int, expected: Int = 0) throws {
    guard rows > capacity else { return }
    guard rows <= Int(Int32.max) else {
      throw DataError("more than \(Int32.max) rows in memory", hint: "read the data in parts")
    }
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: rowBytes)
    guard !overflow, bytes <= memoryLimit else {
      throw MemoryShortage(
        "\(rows) rows of \(byteText(rowBytes)) do not fit the \(byteText(memoryLimit)) of memory",
        hint: "use fewer rows, or shorter sequences")
    }
    let most = rowBytes > 0 ? memoryLimit / rowBytes : Int(Int32.max)
    let wanted = min(max(rows, expected, capacity + capacity / 2, 64), max(rows, most))
    for (k, feed) in layout.feeds.enumerated() {
      let bytes = feed.width * elementBytes[k]
      feeds[k] = try Self.resized(feeds[k], from: capacity * bytes, to: wanted * bytes)
    }
    capacity = wanted
  }

  /// Frees the memory behind the first `rows` rows, when no more will come.
  func shrink(to rows: Int) throws {
    guard rows < capacity else { return }
    for (k, feed) in layout.feeds.enumerated() {
      let bytes = feed.width * elementBytes[k]
      feeds[k] = try Self.resized(feeds[k], from: capacity * bytes, to: rows * bytes)
    }
    capacity = rows
  }

  /// Removes the first `count` of `rows` rows: the others move to the front.
  func dropRows(_ count: Int, of rows: Int) {
    for (k, feed) in layout.feeds.enumerated() where count > 0 {
      let bytes = feed.width * elementBytes[k]
      memmove(feeds[k], feeds[k] + count * bytes, (rows - count) * bytes)
    }
  }

  /// Widens the elements of a feed of bytes, of which `rows` rows are written, to four bytes each.
  func widen(_ feed: Int, rows: Int) throws {
    guard elementBytes[feed] == 1 else { return }
    let width = layout.feeds[feed].width
    let memory = try Self.resized(
      feeds[feed], from: capacity * width, to: capacity * width * 4)
    feeds[feed] = memory
    elementBytes[feed] = 4
    // From the end, so that each byte is read before it is overwritten.
    var i = rows * width
    while i > 0 {
      i &-= 1
      let id = UInt32(memory.load(fromByteOffset: i, as: UInt8.self))
      memory.storeBytes(of: id, toByteOffset: 4 &* i, as: UInt32.self)
    }
  }

  /// Narrows the feeds whose ids all lie in 0...255 to bytes. No row may be written after it.
  func narrow(rows: Int) throws {
    for (k, feed) in layout.feeds.enumerated() where feed.isInteger && elementBytes[k] == 4 {
      let memory = feeds[k]
      let count = rows * feed.width
      var bits: UInt32 = 0
      for i in 0..<count { bits |= memory.load(fromByteOffset: 4 &* i, as: UInt32.self) }
      guard bits <= 255 else { continue }
      // Each byte overwrites ids that were read already.
      for i in 0..<count {
        let id = memory.load(fromByteOffset: 4 &* i, as: UInt32.self)
        memory.storeBytes(of: UInt8(truncatingIfNeeded: id), toByteOffset: i, as: UInt8.self)
      }
      elementBytes[k] = 1
      feeds[k] = try Self.resized(memory, from: 4 * count, to: count)
    }
  }

  /// Element `index` of a feed of ids.
  func id(_ feed: Int, _ index: Int) -> Int32 {
    elementBytes[feed] == 1
      ? Int32(feeds[feed].load(fromByteOffset: index, as: UInt8.self))
      : feeds[feed].load(fromByteOffset: 4 * index, as: Int32.self)
  }

  /// Copies elements [start, start + count) of a narrowed feed, each to four bytes.
  @inline(__always)
  func widen(_ feed: Int, from start: Int, count: Int, to destination: UnsafeMutableRawPointer) {
    let bytes = (feeds[feed] + start).assumingMemoryBound(to: UInt8.self)
    let output = destination.assumingMemoryBound(to: Int32.self)
    for i in 0..<count { output[i] = Int32(bytes[i]) }
  }

  /// A block of at least so many bytes that begins with the contents of `old`, which is freed. Throws
  /// `MemoryShortage`.
  static func resized(
    _ old: UnsafeMutableRawPointer?, from oldBytes: Int, to bytes: Int
  ) throws -> UnsafeMutableRawPointer {
    guard let resized = LargeBlock.resized(old, from: oldBytes, to: bytes) else {
      throw MemoryShortage("the system has no room for \(byteText(bytes)) of rows")
    }
    return resized
  }
}
