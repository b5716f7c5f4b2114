import Schema

/// The text of a file as UTF-8 with line feeds: a text in another encoding is converted, and where no
/// line feed is at the beginning of a file but a CR is, lines are taken to end with a lone CR.
///
/// Usual text goes through as it is, without a copy.
final class TextSource: ByteSource {
  private let file: any ByteSource
  /// Nil for UTF-8.
  private let decoder: TextDecoder?
  private var hasStarted = false
  /// Whether each CR stands for a line feed.
  private var returnsEndLines = false

  var path: String { file.path }
  var size: Int? { file.size }

  /// Throws `DataError` where the system does not know the encoding.
  init(_ file: any ByteSource, encoding: TableFormat.Encoding) throws {
    self.file = file
    decoder = encoding == .utf8 ? nil : try TextDecoder(file, encoding)
  }

  /// Opens the file at `path`; `-` is standard input. Throws `DataError`.
  convenience init(_ path: String, encoding: TableFormat.Encoding) throws {
    try self.init(FileSource(path), encoding: encoding)
  }

  func requireUnchanged() throws { try file.requireUnchanged() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard hasStarted else {
      hasStarted = true
      return try readFirst(into: buffer)
    }
    let count = try take(buffer)
    if returnsEndLines { Self.replaceReturns(buffer, count) }
    return count
  }

  private func take(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try decoder?.read(into: buffer) ?? file.read(into: buffer)
  }

  /// Reads until a line ends, which a header needs too, and looks at what ends it.
  private func readFirst(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let got = try take(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      let new = buffer[count..<count + got]
      count += got
      if got == 0 || new.contains(10) {
        returnsEndLines = !new.contains(10) && buffer[..<count].contains(13)
        break
      }
    }
    if count == buffer.count { returnsEndLines = !buffer.contains(10) && buffer.contains(13) }
    if returnsEndLines { Self.replaceReturns(buffer, count) }
    return count
  }

  private static func replaceReturns(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) {
    for k in 0..<count where buffer[k] == 13 { buffer[k] = 10 }
  }
}
