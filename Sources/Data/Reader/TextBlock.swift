import Schema

/// A piece of a table's text and the records in it.
///
/// A reader has two of them in turn, so that one can be filled while the other is encoded.
final class TextBlock {
  let path: String
  let format: TableFormat
  private(set) var records: RecordBlock
  private(set) var buffer: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  /// Bytes in the buffer, past records included.
  var length = 0
  /// Bytes of side tables behind the buffer's capacity, and the room for them.
  private var joinedLength = 0
  private var joinedCapacity = 0
  /// Of joined records the bounds of their fields, and by record and side table the row that was found.
  private var joinedBounds: UnsafeMutableBufferPointer<FieldBounds>
  private(set) var sideRows: UnsafeMutableBufferPointer<Int32>
  /// The columns of side tables that the records have; nil: none.
  private(set) var joined: JoinedColumns?
  /// Where the records that were not parsed yet start.
  var pending = 0
  /// Bytes behind the records.
  var unread: Int { length - pending }
  var parser: RecordParser
  private var index = StructuralIndex()
  /// Whether not every byte that the index finds is what it seems.
  private let isUnusual: Bool

  init(path: String, format: TableFormat, capacity: Int) {
    self.path = path
    self.format = format
    self.capacity = capacity
    isUnusual = !format.delimiterRest.isEmpty || format.escape != 0
    parser = RecordParser(format)
    buffer = Self.padded(capacity)
    joinedBounds = .allocate(capacity: 0)
    sideRows = .allocate(capacity: 0)
    records = RecordBlock(
      UnsafePointer(buffer), bounds: UnsafePointer(parser.bounds),
      lines: UnsafePointer(parser.lines), delimiter: format.delimiter, rowCount: 0, columnCount: 0)
  }

  deinit {
    parser.deallocate()
    index.deallocate()
    joinedBounds.deallocate()
    sideRows.deallocate()
    Self.release(buffer)
  }

  /// Memory with padding that may be read at both ends.
  private static func padded(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    let count = capacity + 2 * StructuralIndex.padding
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    memory.initialize(repeating: 0, count: count)
    return memory + StructuralIndex.padding
  }

  private static func release(_ buffer: UnsafeMutablePointer<UInt8>) {
    (buffer - StructuralIndex.padding).deallocate()
  }

  /// Moves what was not parsed to the start of the buffer.
  func dropParsed() {
    guard pending > 0 else { return }
    length -= pending
    buffer.update(from: buffer + pending, count: length)
    pending = 0
  }

  /// Takes over what another block did not parse, and the place in the file that it reached.
  func continueFrom(_ other: TextBlock) {
    pending = 0
    length = other.length - other.pending
    grow(to: length)
    buffer.update(from: other.buffer + other.pending, count: length)
    parser.line = other.parser.line
  }

  func grow(to wanted: Int) {
    guard wanted > capacity else { return }
    var larger = capacity
    while larger < wanted { larger *= 2 }
    let copy = Self.padded(larger + joinedCapacity)
    copy.update(from: buffer, count: length)
    Self.release(buffer)
    buffer = copy
    capacity = larger
  }

  /// Finds the complete records in the buffer; `pending` is then where the first incomplete one starts.
  /// - Parameter columnCount: fields of each record; nil parses one record of any length.
  func cut(columnCount: Int?, rowLimit: Int) -> RecordParser.Finding? {
    joined = nil
    index.scan(buffer, length: length, delimiter: format.delimiter, quote: format.quote)
    if isUnusual { index.dropText(buffer, length: length, format) }
    if let columnCount, let (rows, lineEnd) = plainRows(columnCount) {
      let count = min(rows, rowLimit)
      records = RecordBlock(
        UnsafePointer(buffer), positions: UnsafePointer(index.positions), firstLine: parser.line,
        lineEnd: lineEnd, trims: format.trimsSpaces, delimiter: format.delimiter,
        rowCount: count, columnCount: columnCount)
      records.isASCII = index.isASCII
      pending = Int(index.positions[count * columnCount - 1]) + 1
      parser.line += count
      return nil
    }
    let finding = parser.parse(
      buffer, index: index, length: length, from: 0, columnCount: columnCount, rowLimit: rowLimit)
    pending = parser.consumed
    records = RecordBlock(
      UnsafePointer(buffer), bounds: UnsafePointer(parser.bounds),
      lines: UnsafePointer(parser.lines), delimiter: format.delimiter,
      rowCount: parser.rowCount, columnCount: columnCount ?? parser.fieldCount)
    records.isASCII = index.isASCII
    return finding
  }

  // MARK: Side tables

  /// The most bytes of side tables in a block, so that all positions fit 32 bits.
  private static let mostJoinedBytes = 1 << 30

  /// Gives the records the columns of side tables behind their own. Throws `DataError`.
  func join(_ columns: JoinedColumns) throws {
    joined = columns
    joinedLength = 0
    let (rows, width) = (records.rowCount, columns.names.count)
    if joinedBounds.count < rows * width {
      joinedBounds.deallocate()
      joinedBounds = .allocate(capacity: rows * width * 5 / 4)
    }
    if sideRows.count < rows * columns.sideCount {
      sideRows.deallocate()
      sideRows = .allocate(capacity: rows * columns.sideCount * 5 / 4)
    }
    guard let bounds = joinedBounds.baseAddress, let found = sideRows.baseAddress else { return }
    try columns.join(self, into: bounds, rows: found)
    var all = RecordBlock(
      UnsafePointer(buffer), bounds: UnsafePointer(bounds), lines: UnsafePointer(parser.lines),
      delimiter: format.delimiter, rowCount: rows, columnCount: width)
    (all.lines, all.firstLine) = (records.lines, records.firstLine)
    all.isASCII = records.isASCII && columns.isASCII
    records = all
  }

  /// Copies a text behind the buffer. Returns where it starts, in the same terms as the records.
  func append(_ bytes: some Collection<UInt8>) throws -> UInt32 {
    let needed = joinedLength + bytes.count
    guard needed <= Self.mostJoinedBytes else {
      throw DataError(
        "the fields that data.join adds to \(records.rowCount) rows take more than"
          + " \(Self.mostJoinedBytes >> 20) MiB", at: .init(file: path))
    }
    if needed > joinedCapacity {
      joinedCapacity = max(2 * joinedCapacity, needed, 1 << 16)
      let copy = Self.padded(capacity + joinedCapacity)
      copy.update(from: buffer, count: length)
      (copy + capacity).update(from: buffer + capacity, count: joinedLength)
      Self.release(buffer)
      buffer = copy
      records.base = UnsafePointer(buffer)
    }
    let place = capacity + joinedLength
    for (k, byte) in bytes.enumerated() { buffer[place + k] = byte }
    joinedLength = needed
    return UInt32(truncatingIfNeeded: place)
  }

  /// Whether the records are values in memory, which have no place in a line.
  private(set) var holdsValues = false

  /// Makes records of fields that were written to the buffer, each on a line of its own.
  func setRecords(
    _ bounds: UnsafePointer<FieldBounds>, rowCount: Int, columnCount: Int, firstLine: Int,
    isASCII: Bool
  ) {
    joined = nil
    holdsValues = true
    records = RecordBlock(
      UnsafePointer(buffer), bounds: bounds, lines: UnsafePointer(parser.lines),
      delimiter: format.delimiter, rowCount: rowCount, columnCount: columnCount)
    (records.lines, records.firstLine) = (nil, firstLine)
    records.isASCII = isASCII
  }

  /// Leaves out the last record, which is damaged.
  func dropLastRecord() { records.rowCount -= 1 }

  /// The number of whole records, and of bytes before each line feed that belong to the line's end,
  /// when every line is a record with all its fields, without quotes or comments; otherwise nil.
  private func plainRows(_ columnCount: Int) -> (rows: Int, lineEnd: UInt32)? {
    let rows = index.feeds
    guard !isUnusual, index.quotes == 0, rows > 0, rows * columnCount <= index.count else {
      return nil
    }
    let positions = index.positions
    let mark = format.comment?.utf8.first
    let firstEnd = Int(positions[columnCount &- 1])
    let returns = firstEnd > 0 && buffer[firstEnd &- 1] == 13
    var start = 0
    for row in 1...rows {
      let end = Int(positions[row &* columnCount &- 1])
      let first = buffer[start]
      if buffer[end] != 10 || first == mark { return nil }
      // Either all lines end with CR and LF or none.
      if (end > start && buffer[end &- 1] == 13) != returns { return nil }
      // A line of spaces alone is no record, though it has the one field asked for.
      if columnCount == 1, first <= 32 { return nil }
      start = end &+ 1
    }
    return (rows, returns ? 1 : 0)
  }
}
