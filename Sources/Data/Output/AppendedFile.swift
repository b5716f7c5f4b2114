import Schema

/// A new file that grows record by record while others read it: unlike an `AtomicFile` it is there from the
/// first record on, and keeps what was written when the process ends.
package final class AppendedFile {
  package let path: String
  private let descriptor: Int32

  /// - Parameter name: Of the file by how many of its names were taken already.
  /// - Throws: `FileError` when the file cannot be made.
  package init(in folder: String, name: (_ taken: Int) -> String) throws {
    for taken in 0..<1000 {
      let path = "\(folder)/\(name(taken))"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        (self.path, self.descriptor) = (path, descriptor)
        return
      }
      guard errno == EEXIST else { throw Self.failure(path, "cannot be made") }
    }
    throw FileError(path: folder, message: "holds a thousand files of one name")
  }

  deinit { close(descriptor) }

  /// Appends the bytes. Throws `FileError`.
  package func append(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, "cannot be written")
      }
      written += count
    }
  }

  private static func failure(_ path: String, _ what: String) -> FileError {
    FileError(path: path, message: "\(what): \(String(cString: strerror(errno)))")
  }
}
