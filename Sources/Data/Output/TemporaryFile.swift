import Schema

/// A file under a temporary name, locked as long as its writer lives. One that nobody locks was left over
/// by a process that was killed.
struct TemporaryFile {
  let path: String
  let descriptor: Int32
  private let entry: UnfinishedFiles.Entry?

  private static let ending = ".mtlc.tmp"

  /// Makes a file beside the one that it is to become, after a sweep of the folder. Throws
  /// a `FileError` that names the latter.
  init(beside destination: String, mode: mode_t, for name: String) throws {
    let url = URL(fileURLWithPath: destination)
    let folder = url.deletingLastPathComponent()
    Self.sweep(folder.path)
    while true {
      let number = String(UInt64.random(in: 0 ... .max), radix: 16)
      let path = folder.appendingPathComponent(
        ".\(url.lastPathComponent.prefix(60)).\(number)\(Self.ending)"
      ).path
      let entry = UnfinishedFiles.add(path)
      let opened = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard opened >= 0 else {
        let code = errno
        entry?.remove()
        if code == EEXIST || code == EINTR { continue }
        throw FileError(
          path: name, message: "cannot create: \(systemMessage(code))",
          hint: code == ENOENT ? "the folder does not exist" : nil)
      }
      // Where files cannot be locked nothing is swept either.
      flock(opened, LOCK_EX | LOCK_NB)
      var status = stat()
      if fstat(opened, &status) == 0, status.st_nlink == 0 {
        // Swept between the two calls.
        close(opened)
        entry?.remove()
        continue
      }
      (self.path, descriptor, self.entry) = (path, opened, entry)
      return
    }
  }

  /// To be called when the file has another name, or none.
  func forget() { entry?.remove() }

  /// Removes temporary files of a folder whose writers are no more.
  static func sweep(_ folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(ending) {
      let path = "\(folder)/\(name)"
      let file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard file >= 0 else { continue }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(file)
    }
  }
}
