/// Bytes of text that are read in order, and the file that they come from.
protocol ByteSource: AnyObject {
  /// The file's path; `-` for standard input.
  var path: String { get }
  /// The size of a regular file in bytes, nil for a pipe or a terminal.
  var size: Int? { get }
  /// Fills at most `buffer.count` bytes; 0 at the end. May return fewer than are asked for.
  /// Throws `DataError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
  /// Throws `DataError` when a regular file is no longer what it was when it was opened, or gave
  /// another number of bytes than it had.
  func requireUnchanged() throws
}
