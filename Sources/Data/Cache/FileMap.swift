import Foundation

/// A whole file as memory that cannot be written to.
final class FileMap: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// Throws `CacheFile.Refusal`.
  init(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT
        ? CacheFile.Refusal.missing : .damaged("it cannot be opened: \(systemMessage(code))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0
    else { throw CacheFile.Refusal.damaged("it is empty, or no file") }
    let count = Int(status.st_size)
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { throw CacheFile.Refusal.damaged("it cannot be mapped: \(systemMessage(errno))") }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
