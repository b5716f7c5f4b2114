import Schema

/// A file of encoded rows, read by place into memory of the reader's own. Not through a memory map: a
/// file that is cut off meanwhile would end the process, and one that is overwritten would change rows
/// that were checked before.
final class CachedFile: Sendable {
  let size: Int
  private let descriptor: Int32
  /// What is read and summed at a time: it is still in the processor's cache for the second.
  private static let pieceBytes = 1 << 18

  /// Throws `CacheFile.Refusal`.
  init(_ path: String) throws {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT
        ? CacheFile.Refusal.missing : .damaged("it cannot be opened: \(systemMessage(code))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0
    else {
      close(descriptor)
      throw CacheFile.Refusal.damaged("it is empty, or no file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills a buffer from a place of the file on.
  /// - Returns: The `BlockChecksum` of what was read.
  /// - Throws: `CacheFile.Refusal`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) throws -> UInt64 {
    guard place >= 0, place <= size, buffer.count <= size - place else {
      throw CacheFile.Refusal.damaged("it is cut off")
    }
    var sum = BlockChecksum()
    guard let base = buffer.baseAddress else { return sum.value }
    var done = 0
    while done < buffer.count {
      let piece = min(Self.pieceBytes, buffer.count - done)
      var filled = 0
      while filled < piece {
        let count = pread(
          descriptor, base + done + filled, piece - filled, off_t(place + done + filled))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          throw CacheFile.Refusal.damaged(
            count == 0 ? "it is cut off" : "it cannot be read: \(systemMessage(errno))")
        }
        filled += count
      }
      sum.add(UnsafeRawBufferPointer(start: base + done, count: piece))
      done += piece
    }
    return sum.value
  }

  /// `count` bytes from a place on, with their checksum. Throws `CacheFile.Refusal`.
  func bytes(at place: Int, count: Int) throws -> (bytes: [UInt8], sum: UInt64) {
    // Looked at before memory is taken for what a damaged head asks for.
    guard place >= 0, count >= 0, place <= size, count <= size - place else {
      throw CacheFile.Refusal.damaged("it is cut off")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    let sum = try bytes.withUnsafeMutableBytes { try read(into: $0, at: place) }
    return (bytes, sum)
  }
}
