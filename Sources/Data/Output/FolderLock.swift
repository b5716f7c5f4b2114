import Schema

/// Lets one process at a time write its results into a folder. The lock is the system's, which releases it
/// when the process ends, however that happens; a file beside the results names the holder.
package final class FolderLock {
  private let path: String
  private let descriptor: Int32
  private let entry: UnfinishedFiles.Entry?

  /// Throws `FileError` that names the holder when another process has it. Where the file system has
  /// no locks there is none.
  package init(_ folder: String) throws {
    path = "\(folder)/.mtlc.lock"
    while true {
      let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard file >= 0 else {
        if errno == EINTR { continue }
        throw FileError(
          path: folder, message: "the folder cannot be locked: \(systemMessage(errno))")
      }
      while flock(file, LOCK_EX | LOCK_NB) != 0 {
        if errno == EINTR { continue }
        guard errno == EWOULDBLOCK else { break }
        let holder = Self.text(file)
        close(file)
        throw FileError(
          path: folder, message: "another run writes into the folder: \(holder)",
          hint: "wait for its end, or give another folder")
      }
      var (held, named) = (stat(), stat())
      guard fstat(file, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
        // The last holder removed the file between the two calls.
        close(file)
        continue
      }
      descriptor = file
      break
    }
    entry = UnfinishedFiles.add(path)
    let time = Date.now.formatted(.iso8601)
    // Not `ProcessInfo.hostName`, which asks name servers.
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let text = "process \(getpid()) on \(host) since \(time)\n"
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    // While it is locked, so that no other process can have taken it.
    unlink(path)
    close(descriptor)
    entry?.remove()
  }

  /// The first line of the file.
  private static func text(_ file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(file, &bytes, bytes.count, 0)
    let line = bytes.prefix(max(0, count)).prefix { $0 != 10 }
    return line.isEmpty ? "it has just begun" : MessageText.printable(bytes: line)
  }
}
