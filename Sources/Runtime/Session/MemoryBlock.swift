/// A zeroed block of memory, aligned to cache lines; large ones to huge pages.
final class MemoryBlock {
  static let alignment = 64
  /// From here on a block has pages of its own, which cost nothing until they are touched.
  private static let mappedBytes = 1 << 20
  private static let hugePage = 2 << 20

  let base: UnsafeMutableRawPointer
  let bytes: Int
  private let allocation: UnsafeMutableRawPointer
  private let mapped: Int?

  /// Throws when the system has no room for it.
  /// - Parameter hasPages: Whether it has pages of its own whatever its size.
  init(bytes: Int, what: String, hasPages: Bool = false) throws(LinkError) {
    guard bytes >= 0, bytes <= Int.max / 2 else {
      throw LinkError("\(what): a block of \(bytes) bytes cannot be allocated")
    }
    self.bytes = bytes
    guard bytes >= Self.mappedBytes || hasPages else {
      // A little room at the end lets vector kernels read whole lines.
      let size = (bytes + 2 * Self.alignment - 1) & ~(Self.alignment - 1)
      allocation = .allocate(byteCount: size, alignment: Self.alignment)
      allocation.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      base = allocation
      mapped = nil
      return
    }
    // Whole huge pages from half of one on: lookups and sorting jump about in them.
    let whole = (bytes + Self.alignment + Self.hugePage - 1) & ~(Self.hugePage - 1)
    let size = whole + Self.hugePage
    guard let pages = Platform.mapPages(bytes: size) else {
      throw LinkError(
        "\(what): the system has no room for \(bytes >> 20) MiB", isShortage: true)
    }
    allocation = pages
    mapped = size
    let address = UInt(bitPattern: pages)
    let mask = UInt(Self.hugePage - 1)
    base = pages + Int(((address + mask) & ~mask) - address)
    if bytes >= Self.mappedBytes { Platform.adviseHugePages(base, bytes: whole) }
  }

  convenience init(floats: Int, what: String, hasPages: Bool = false) throws(LinkError) {
    let (bytes, overflow) = floats.multipliedReportingOverflow(by: 4)
    try self.init(bytes: overflow ? -1 : bytes, what: what, hasPages: hasPages)
  }

  deinit {
    if let mapped {
      Platform.unmapPages(allocation, bytes: mapped)
    } else {
      allocation.deallocate()
    }
  }

  /// The whole pages that the block lies in; nil for one that has none of its own.
  var pages: UnsafeMutableRawBufferPointer? {
    guard mapped != nil else { return nil }
    let page = CommonMemory.page
    return UnsafeMutableRawBufferPointer(start: base, count: (bytes + page) / page * page)
  }

  var floats: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base.assumingMemoryBound(to: Float.self), count: bytes / 4)
  }
}
