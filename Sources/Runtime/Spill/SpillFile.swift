import Schema

/// A file for numbers that memory should not hold: it has no name, so that it is gone with the process, however
/// that ends. It is made by the first write.
///
/// Several threads may write and read at once.
package final class SpillFile: Sendable {
  private struct State {
    var descriptor: CInt?
    /// Bytes that were handed out, written or not.
    var end: Int64 = 0
    /// No file could be made, or it is full.
    var isClosedToWrites = false
  }

  private let folder: String
  private let state = Guarded(State())

  /// - Parameter folder: nil for the one that `TMPDIR` names, or `/tmp`.
  package init(folder: String? = nil) {
    let given = folder ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    self.folder = given.isEmpty ? "/tmp" : given
  }

  deinit {
    state.withLock { if let descriptor = $0.descriptor { _ = close(descriptor) } }
  }

  /// Writes the elements behind what is there.
  ///
  /// - Returns: Where they lie; nil where there is no room, or no folder for such a file: the caller keeps them.
  package func write<Element: BitwiseCopyable>(_ elements: [Element]) -> SpilledPart<Element>? {
    elements.withUnsafeBytes { bytes in
      let place = state.withLock { state -> (descriptor: CInt, offset: Int64)? in
        if state.isClosedToWrites { return nil }
        guard let descriptor = state.descriptor ?? make() else {
          state.isClosedToWrites = true
          return nil
        }
        state.descriptor = descriptor
        defer { state.end += Int64(bytes.count) }
        return (descriptor, state.end)
      }
      guard let place else { return nil }
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let written = pwrite(
          place.descriptor, rest.baseAddress, rest.count, off_t(place.offset) + off_t(done))
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          state.withLock { $0.isClosedToWrites = true }
          return nil
        }
        done += written
      }
      return SpilledPart(offset: place.offset, count: elements.count)
    }
  }

  /// All elements of a part that was written.
  package func read<Element: BitwiseCopyable>(
    _ part: SpilledPart<Element>
  ) throws(SpillError) -> [Element] {
    try read(part, 0..<part.count)
  }

  /// The elements `range` of a part that was written.
  package func read<Element: BitwiseCopyable>(
    _ part: SpilledPart<Element>, _ range: Range<Int>
  ) throws(SpillError) -> [Element] {
    guard let descriptor = state.withLock({ $0.descriptor }) else { throw SpillError(code: EBADF) }
    let stride = MemoryLayout<Element>.stride
    var code: CInt = 0
    let elements = [Element](unsafeUninitializedCapacity: range.count) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      let first = off_t(part.offset) + off_t(range.lowerBound * stride)
      var done = 0
      while done < range.count * stride {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<range.count * stride])
        let got = pread(descriptor, rest.baseAddress, rest.count, first + off_t(done))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          code = got < 0 ? errno : EIO
          return
        }
        done += got
      }
      count = range.count
    }
    guard code == 0 else { throw SpillError(code: code) }
    return elements
  }

  private func make() -> CInt? {
    var path = Array("\(folder)/mtlc-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { return nil }
    unlink(path)
    return descriptor
  }
}

/// Where elements lie in a `SpillFile`.
package struct SpilledPart<Element: BitwiseCopyable>: Sendable {
  let offset: Int64
  let count: Int

  package init(offset: Int64, count: Int) { (self.offset, self.count) = (offset, count) }
}

/// Numbers that were put aside could not be read again.
package struct SpillError: Error, CustomStringConvertible {
  /// As the system numbers its errors.
  let code: CInt

  package var description: String {
    "what was put aside in the folder for temporary files cannot be read: \(String(cString: strerror(code)))"
  }
}
