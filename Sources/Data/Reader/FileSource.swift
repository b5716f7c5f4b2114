import Schema

/// The bytes of a file or of standard input, read in order.
///
/// By `read` and not through a memory map: a file that is truncated meanwhile then gives an error,
/// where a map would kill the process.
package final class FileSource: ByteSource {
  package let path: String
  package let size: Int?
  private let descriptor: Int32
  /// Bytes read so far.
  private var taken = 0
  /// The state of the regular file when it was opened.
  private let identity: FileIdentity?

  /// Opens the file at `path`; `-` is standard input. Throws `DataError`.
  package init(_ path: String) throws {
    self.path = path
    if path == "-" {
      descriptor = 0
      size = nil
      identity = nil
      return
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw DataError("the file name is empty or holds a NUL byte")
    }
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else {
      let code = errno
      throw DataError(
        "cannot open: \(systemMessage(code))", at: .init(file: path),
        hint: code == ENOENT ? Self.missingHint(path) : nil)
    }
    var status = stat()
    guard fstat(opened, &status) == 0 else {
      let code = errno
      close(opened)
      throw DataError("cannot open: \(systemMessage(code))", at: .init(file: path))
    }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR {
      close(opened)
      throw DataError(
        "is a directory, a file is needed", at: .init(file: path),
        hint: "name the files in it, as \"\(MessageText.printable(path))/*\"")
    }
    descriptor = opened
    identity = kind == S_IFREG ? FileIdentity(status) : nil
    size = identity?.size
  }

  deinit {
    if descriptor > 0 { close(descriptor) }
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
    while true {
      let count = systemRead(descriptor, base, buffer.count)
      if count >= 0 {
        taken += count
        return count
      }
      let code = errno
      if code == EINTR { continue }
      throw DataError("cannot read: \(systemMessage(code))", at: .init(file: path))
    }
  }

  /// At most `count` bytes; none at the end.
  package func read(count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    bytes.removeLast(count - got)
    return bytes
  }

  /// Fills the buffer with what a regular file holds from a place on; `read` goes on as if nothing had happened.
  /// - Returns: Bytes that were read, fewer than wanted where the file ends before.
  package func read(at place: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(place) + off_t(done))
      if count == 0 { break }
      if count > 0 {
        done += count
        continue
      }
      let code = errno
      if code == EINTR { continue }
      throw DataError("cannot read: \(systemMessage(code))", at: .init(file: path))
    }
    return done
  }

  package func requireUnchanged() throws {
    guard let identity else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileIdentity(status) == identity,
      taken == identity.size
    else {
      throw DataError(
        "the file changed while it was read", at: .init(file: path),
        hint: "read it when nobody writes to it")
    }
  }

  /// The nearest name in the same folder, when there is one.
  private static func missingHint(_ path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return "there is no folder \(folder)"
    }
    return NearestName.nearest(url.lastPathComponent, in: names).map { "did you mean \($0)?" }
  }
}

/// `read(2)`; inside the class that name means the method.
private func systemRead(_ descriptor: Int32, _ base: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, base, count)
}
