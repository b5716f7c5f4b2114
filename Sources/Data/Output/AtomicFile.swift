import Schema

/// A file that appears whole or not at all: written under a temporary name in the same folder,
/// flushed to the disk, then renamed, and the folder flushed. Temporary files that killed processes left
/// in the folder are removed when a file is made there; those of this process are removed at a signal.
/// `-` is standard output; it and an existing pipe or device are written to directly.
package final class AtomicFile {
  package let path: String
  private let destination: String
  /// The temporary file, nil when writing directly.
  private var temporary: TemporaryFile?
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferBytes = 1 << 16

  /// Throws `FileError` when the folder does not exist or cannot be written to.
  package init(_ path: String) throws {
    self.path = path
    buffer.reserveCapacity(Self.bufferBytes + 4096)
    if path == "-" {
      destination = path
      descriptor = 1
      return
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw FileError(path: path, message: "the file name is empty or holds a NUL byte")
    }
    // Of a link the file that it leads to is replaced.
    destination = Self.resolved(path)
    var status = stat()
    var mode: mode_t = 0o666
    var keepsMode = false
    if stat(destination, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG:
        mode = status.st_mode & 0o777
        keepsMode = true
      case S_IFDIR:
        throw FileError(path: path, message: "is a directory, a file name is needed")
      default:
        descriptor = open(destination, O_WRONLY | O_CLOEXEC)
        if descriptor < 0 { throw Self.failure(path, "cannot open") }
        return
      }
    }
    let temporary = try TemporaryFile(beside: destination, mode: mode, for: path)
    (self.temporary, descriptor) = (temporary, temporary.descriptor)
    if keepsMode { _ = fchmod(descriptor, mode) }
  }

  deinit { discard() }

  /// Writes through a buffer. After an error the file is discarded. Throws `FileError`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count > Self.bufferBytes {
      try writeAll(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  package func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  package func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Passes what is buffered on to the system, so that who reads a pipe sees what there is so far.
  package func flush() throws {
    guard !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { try writeAll($0) }
  }

  /// Writes out the rest and gives the file its name. Throws `FileError`; the old file, if any, is
  /// then untouched and the temporary one gone, unless it was the folder that could not be flushed: a
  /// loss of power may then bring the old file back.
  package func commit() throws {
    try flush()
    guard descriptor >= 0 else {
      throw FileError(path: path, message: "the file was closed before")
    }
    guard descriptor != 1 else { return }
    if let temporary {
      // A file system may report only now that the disk is full.
      if !Self.sync(descriptor) { throw fail("cannot write") }
      // Closed after the new name is there: until then the lock keeps the file from being swept.
      if rename(temporary.path, destination) != 0 { throw fail("cannot rename the finished file") }
      temporary.forget()
      self.temporary = nil
      let closed = close(descriptor)
      descriptor = -1
      if closed != 0, errno != EINTR { throw fail("cannot write") }
      let folder = open(
        URL(fileURLWithPath: destination).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
      // One that may be written to but not read cannot be flushed.
      guard folder >= 0 else { return }
      defer { close(folder) }
      if !Self.sync(folder) { throw Self.failure(path, "cannot flush the folder") }
    } else {
      let closed = close(descriptor)
      descriptor = -1
      if closed != 0, errno != EINTR { throw fail("cannot write") }
    }
  }

  /// Closes the file and removes what was written, unless it was committed.
  package func discard() {
    buffer.removeAll()
    if let temporary {
      unlink(temporary.path)
      temporary.forget()
    }
    temporary = nil
    if descriptor > 1 { close(descriptor) }
    descriptor = -1
  }

  /// Writes a whole file at once.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
    guard descriptor >= 0 else {
      throw FileError(path: path, message: "the file was closed before")
    }
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = systemWrite(descriptor, base + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw fail("cannot write")
      }
      done += count
    }
  }

  /// Flushes a file or folder to the disk, where there is one.
  private static func sync(_ descriptor: Int32) -> Bool {
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      return errno == EINVAL || errno == ENOTSUP
    }
    return true
  }

  /// The error of the last system call; what was written so far goes.
  private func fail(_ what: String) -> FileError {
    let error = Self.failure(path, what)
    discard()
    return error
  }

  private static func failure(_ path: String, _ what: String) -> FileError {
    FileError(path: path, message: "\(what): \(systemMessage(errno))")
  }

  /// The path with all links followed, or itself where there is no such file yet.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

/// `write(2)`, out of reach of the method of that name.
private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, base, count)
}
