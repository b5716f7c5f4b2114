import Schema

/// Blocks of memory on large pages. With small ones the system spends a tenth of the time of reading on
/// handing them out.
enum LargeBlock {
  private static let page = 1 << 21
  /// Contents above this are moved by the system, which need not copy them, to where it likes.
  private static let mostCopied = 64 << 20

  /// A block of at least so many bytes that begins with the contents of `old`, which is freed; nil where
  /// the system has no room.
  static func resized(
    _ old: UnsafeMutableRawPointer?, from oldBytes: Int, to bytes: Int
  ) -> UnsafeMutableRawPointer? {
    guard bytes >= 2 * page, bytes > oldBytes, oldBytes <= mostCopied, bytes <= Int.max - page
    else {
      let block = realloc(old, max(64, bytes))
      if let block, bytes > oldBytes { preferLargePages(block, bytes) }
      return block
    }
    // All of it lies on large pages only where it begins and ends with one.
    let size = (bytes + page - 1) & -page
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, page, size) == 0, let block else { return nil }
    preferLargePages(block, size)
    if let old {
      block.copyMemory(from: old, byteCount: oldBytes)
      free(old)
    }
    return block
  }

  /// Asks for large pages for the whole ones in some memory.
  private static func preferLargePages(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    #if os(Linux)
      let start = (Int(bitPattern: memory) + page - 1) & -page
      let end = (Int(bitPattern: memory) + bytes) & -page
      if bytes >= 2 * page, start < end {
        // MADV_HUGEPAGE, which the importer does not show.
        madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, 14)
      }
    #endif
  }
}
