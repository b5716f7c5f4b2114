import Schema

/// A file of text that grows line by line. A line that was appended is on the disk, whatever becomes of the
/// process; of one that was being appended when it ended nothing is left when the file is opened again.
package final class JournalFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file, or makes one. Throws `FileError`.
  package init(_ path: String) throws {
    self.path = path
    let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard file >= 0 else {
      throw FileError(path: path, message: "cannot open: \(String(cString: strerror(errno)))")
    }
    descriptor = file
  }

  deinit { close(descriptor) }

  /// The whole lines of the file, without their ends. What stands behind the last line end is taken off the
  /// file. Throws `FileError`.
  package func lines() throws -> [String] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot read")
      }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    let end = bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0
    if end < bytes.count, ftruncate(descriptor, off_t(end)) != 0 { throw failure("cannot write") }
    return bytes[..<end].split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Appends a line, and waits until it is on the disk. Throws `FileError`.
  package func append(_ line: String) throws {
    let bytes = Array("\(line)\n".utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot write")
      }
      done += count
    }
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      if errno == EINVAL || errno == ENOTSUP { return }
      throw failure("cannot write")
    }
  }

  private func failure(_ what: String) -> FileError {
    FileError(path: path, message: "\(what): \(String(cString: strerror(errno)))")
  }
}
