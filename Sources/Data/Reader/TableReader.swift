import Schema

/// Reads a text table in blocks of whole records.
///
/// Memory is bounded by the block size, or by the longest record where that is longer.
final class TableReader {
  /// Bytes read at a time: text and field bounds together stay in the second-level cache.
  static let blockBytes = 1 << 16
  /// A record longer than this is taken for a quote that nobody closed.
  static let maximumRecordBytes = 1 << 26

  let source: ByteSource
  let format: TableFormat
  /// The columns' names, in file order.
  var names: [String] = []
  /// The line of the header, when there is one.
  var headerLine: Int?
  /// The records of the present block.
  private(set) var block: RecordBlock
  private(set) var bytesRead = 0

  var parser: RecordParser
  private var index = StructuralIndex()
  private(set) var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = TableReader.blockBytes
  /// Bytes in the buffer, past records included.
  private(set) var length = 0
  /// Where the records that were not parsed yet start.
  private var pending = 0
  private var atEnd = false

  /// Opens the file (`-`: standard input) and reads its header.
  ///
  /// The `optional` columns, all of them together, may be absent from a file without a header that
  /// is otherwise as `format.columns` says. Throws `DataError`.
  convenience init(_ path: String, format: TableFormat, optional: Set<String> = []) throws {
    try self.init(ByteSource(path), format: format, optional: optional)
  }

  /// Reads a source from its beginning; as above.
  init(_ source: ByteSource, format: TableFormat, optional: Set<String> = []) throws {
    guard ![10, 13].contains(format.delimiter), ![10, 13].contains(format.quote),
      format.delimiter != format.quote
    else {
      throw DataError("the delimiter and the quote must differ, and neither can be a line break")
    }
    self.source = source
    self.format = format
    parser = RecordParser(format)
    buffer = .allocate(capacity: capacity + StructuralIndex.padding)
    buffer.initialize(repeating: 0, count: capacity + StructuralIndex.padding)
    block = RecordBlock(
      base: UnsafePointer(buffer), bounds: UnsafePointer(parser.bounds),
      lines: UnsafePointer(parser.lines), rowCount: 0, columnCount: 0)
    try fill()
    while length < 4, !atEnd { try fill() }
    pending = try signatureLength()
    try readNames(optional: optional)
  }

  deinit {
    parser.deallocate()
    index.deallocate()
    buffer.deallocate()
  }

  /// Reads the next records into `block`, at most `rowLimit`; false when there are none left.
  func nextBlock(rowLimit: Int = .max) throws -> Bool {
    try parseSome(columnCount: names.count, rowLimit: rowLimit)
  }

  /// Parses whole records, reading on as long as there is none.
  func parseSome(columnCount: Int?, rowLimit: Int = .max) throws -> Bool {
    while true {
      try fill()
      index.scan(buffer, length: length, delimiter: format.delimiter, quote: format.quote)
      let finding = parser.parse(
        buffer, index: index, length: length, from: 0, columnCount: columnCount,
        rowLimit: rowLimit)
      pending = parser.consumed
      block = RecordBlock(
        base: UnsafePointer(buffer), bounds: UnsafePointer(parser.bounds),
        lines: UnsafePointer(parser.lines), rowCount: parser.rowCount,
        columnCount: columnCount ?? parser.fieldCount)
      if let finding { throw error(finding, expected: columnCount ?? 0) }
      if parser.rowCount > 0 { return true }
      if atEnd {
        if let quote = parser.openQuote { throw unterminated(quote) }
        return false
      }
      if pending == 0, length >= capacity { try grow() }
    }
  }

  /// Drops what was parsed and reads on behind the rest. At the end of the input the last line
  /// gets the line feed that it may lack.
  private func fill() throws {
    if pending > 0 {
      length -= pending
      buffer.update(from: buffer + pending, count: length)
      pending = 0
    }
    while !atEnd, length < capacity {
      let room = UnsafeMutableRawBufferPointer(start: buffer + length, count: capacity - length)
      let count = try source.read(into: room)
      bytesRead += count
      length += count
      if count == 0 {
        atEnd = true
        if length > 0, buffer[length - 1] != 10 {
          buffer[length] = 10
          length += 1
        }
      }
      // A pipe gives what it has: whoever writes to it may wait for an answer.
      if source.size == nil { break }
    }
  }

  private func grow() throws {
    guard capacity < Self.maximumRecordBytes else {
      if let quote = parser.openQuote { throw unterminated(quote) }
      throw DataError(
        "the record is longer than \(Self.maximumRecordBytes >> 20) MiB",
        at: .init(file: source.path, line: parser.line, column: 1),
        hint: "is this a text table with line breaks?")
    }
    let larger = UnsafeMutablePointer<UInt8>.allocate(
      capacity: capacity * 2 + StructuralIndex.padding)
    larger.initialize(repeating: 0, count: capacity * 2 + StructuralIndex.padding)
    larger.update(from: buffer, count: length)
    buffer.deallocate()
    buffer = larger
    capacity *= 2
  }
}
