import Schema
import Transport

/// Memory that the workers of one machine have in common: pages of theirs that become the same pages, at the
/// addresses where each has them.
///
/// The pages are those of a file without a name that the first worker makes; the others open it among that
/// process's files.
package final class CommonMemory: Sendable {
  let rank: Int
  let count: Int
  /// Where the workers meet.
  package let meeting: MeetingPlace
  private let transport: any Transport

  /// Bytes of a page of the system, which memory in common is made of.
  package static let page = max(1, sysconf(CInt(_SC_PAGESIZE)))

  /// All workers call it and get nil together, where they are not on one machine or may not open each other's files.
  package init?(_ transport: any Transport) throws {
    (rank, count) = (transport.rank, transport.count)
    self.transport = transport
    guard count > 1, try Self.isOneMachine(transport) else { return nil }
    let page = Platform.mapPages(bytes: Self.page)
    guard try transport.all(page != nil), let page else { return nil }
    meeting = MeetingPlace(page: page, workers: count)
    guard try share(page, bytes: Self.page, keepsContents: false) else { return nil }
  }

  deinit { Platform.unmapPages(meeting.page, bytes: Self.page) }

  /// Makes the pages at an address of each worker those of the first. All workers call it, for as many bytes, with
  /// nobody at work in them, and all end alike.
  ///
  /// - Parameters:
  ///   - base: Of whole pages that came from `mmap`.
  ///   - keepsContents: Whether they hold what the first worker's held, and zeros otherwise.
  /// - Returns: False where the system has no room for them; each worker then has its own as before.
  package func share(
    _ base: UnsafeMutableRawPointer, bytes: Int, keepsContents: Bool
  ) throws -> Bool {
    var file: CInt = -1
    defer { if file >= 0 { close(file) } }
    var offer = Offer()
    if transport.rank == 0 {
      file = Self.unnamedFile(bytes)
      if file >= 0, !keepsContents || Self.copy(base, bytes, to: file) {
        offer = Self.describe(file, process: Int(getpid()), bytes)
      }
    }
    try withUnsafeMutableBytes(of: &offer) { try transport.broadcast($0, from: 0) }
    guard offer.isThere == 1, offer.bytes == bytes else { return false }
    if transport.rank > 0 { file = Self.open(offer) }
    // Looked at before the pages are given up: each worker can map the file.
    var isMapped = false
    if file >= 0, let trial = Self.map(nil, bytes, file) {
      munmap(trial, bytes)
      isMapped = true
    }
    guard try transport.all(isMapped) else { return false }
    guard Self.map(base, bytes, file) != nil else {
      throw TransportError.failed(call: "mmap", code: Int(errno))
    }
    // The first one's file stays open until all have theirs.
    try transport.barrier()
    return true
  }

  // MARK: The file

  /// What the first worker tells the others of its file.
  private struct Offer: BitwiseCopyable {
    var isThere = 0
    var process = 0
    var file = 0
    var device = 0
    var number = 0
    var bytes = 0
  }

  private static func map(
    _ base: UnsafeMutableRawPointer?, _ bytes: Int, _ file: CInt
  ) -> UnsafeMutableRawPointer? {
    let place = base == nil ? 0 : MAP_FIXED
    let pages = mmap(base, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | place, file, 0)
    return pages == MAP_FAILED ? nil : pages
  }

  /// - Returns: −1 where the system has no such files, or no room.
  private static func unnamedFile(_ bytes: Int) -> CInt {
    typealias Create = @convention(c) (UnsafePointer<CChar>, CUnsignedInt) -> CInt
    // By its name: C libraries have it since 2018 only, and some systems not at all.
    guard let address = dlsym(nil, "memfd_create") else { return -1 }
    let file = unsafeBitCast(address, to: Create.self)("mtlc", 1)  // MFD_CLOEXEC
    guard file >= 0 else { return -1 }
    if ftruncate(file, off_t(bytes)) == 0 { return file }
    close(file)
    return -1
  }

  /// Writes what is not zero, so that pages nobody has touched take no memory.
  private static func copy(_ base: UnsafeRawPointer, _ bytes: Int, to file: CInt) -> Bool {
    let step = 1 << 16
    for start in stride(from: 0, to: bytes, by: step) {
      let end = min(start + step, bytes)
      let words = UnsafeRawBufferPointer(start: base + start, count: end - start)
        .assumingMemoryBound(to: UInt64.self)
      if words.allSatisfy({ $0 == 0 }) { continue }
      var place = start
      while place < end {
        let written = pwrite(file, base + place, end - place, off_t(place))
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return false }
        place += written
      }
    }
    return true
  }

  private static func describe(_ file: CInt, process: Int, _ bytes: Int) -> Offer {
    var status = stat()
    guard fstat(file, &status) == 0 else { return Offer() }
    return Offer(
      isThere: 1, process: process, file: Int(file),
      device: Int(truncatingIfNeeded: status.st_dev),
      number: Int(truncatingIfNeeded: status.st_ino), bytes: Int(status.st_size))
  }

  /// - Returns: −1 where it is not to be had, or another file.
  private static func open(_ offer: Offer) -> CInt {
    let file = openFile("/proc/\(offer.process)/fd/\(offer.file)")
    guard file >= 0 else { return -1 }
    let found = describe(file, process: offer.process, offer.bytes)
    if found.device == offer.device, found.number == offer.number, found.bytes == offer.bytes {
      return file
    }
    close(file)
    return -1
  }

  // MARK: The machine

  private static func isOneMachine(_ transport: any Transport) throws -> Bool {
    // A start of the system, and what of it a process sees: files and addresses of the network.
    var words = [contents("/proc/sys/kernel/random/boot_id")]
    for name in ["pid", "net"] { words.append(target("/proc/self/ns/\(name)")) }
    guard words.allSatisfy({ !$0.isEmpty }) else { return try transport.all(false) }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in words.joined(separator: " ").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    var first = hash
    try withUnsafeMutableBytes(of: &first) { try transport.broadcast($0, from: 0) }
    return try transport.all(first == hash)
  }

  private static func contents(_ path: String) -> String {
    let file = openFile(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  private static func target(_ path: String) -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { bytes in
      bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { readlink(path, $0, bytes.count) }
    }
    return String(decoding: bytes.prefix(max(0, count ?? 0)), as: UTF8.self)
  }
}

private func openFile(_ path: String, _ flags: CInt = O_RDWR) -> CInt {
  open(path, flags | O_CLOEXEC)
}

extension Transport {
  /// Whether it is true at all workers.
  func all(_ isTrue: Bool) throws -> Bool {
    let own: [UInt8] = [isTrue ? 1 : 0]
    var all = [UInt8](repeating: 0, count: count)
    let counts = [Int](repeating: 1, count: count)
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { try allgather(own, into: $0, counts: counts) }
    }
    return all.allSatisfy { $0 == 1 }
  }
}
