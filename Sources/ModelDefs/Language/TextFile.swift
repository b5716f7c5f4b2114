import Schema

/// Reads the small files that a spec is made of.
enum TextFile {
  /// Why a file could not be read, in the system's words.
  struct Failure: Error {
    var message: String
  }

  /// Far above any spec or list of tokens; what is larger is another kind of file.
  static let sizeLimit = 256 << 20

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw Failure(message: "cannot be opened: \(systemError())") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { systemRead(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(message: "cannot be read: \(systemError())")
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > sizeLimit {
        throw Failure(message: "is larger than \(sizeLimit >> 20) MiB")
      }
    }
  }

  private static func systemError() -> String {
    guard let text = strerror(errno) else { return "error \(errno)" }
    return String(cString: text)
  }

  /// The folder of a path, without the final slash; empty for the working directory.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A path that was written relative to a folder. `-` (standard input) stays itself.
  static func resolve(_ path: String, in folder: String) -> String {
    if folder.isEmpty || path.hasPrefix("/") || path == "-" { return path }
    return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
  }
}

/// `read(2)`, under a name that the method does not hide.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, buffer, count)
}
