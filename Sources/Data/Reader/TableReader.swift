import Schema

/// Reads a text table in blocks of whole records.
///
/// Memory is bounded by the block size, or by the longest record where that is longer.
final class TableReader {
  /// Bytes read at a time: text and positions of two blocks stay in the second-level cache.
  static let blockBytes = 1 << 18
  /// A record longer than this is an error: most likely a quote is not closed.
  static let maximumRecordBytes = 1 << 26

  let source: any ByteSource
  /// As it was asked for, but for a delimiter that the file names itself.
  private(set) var format: TableFormat
  /// Where damaged records are noted; nil: the first ends the reading.
  let damage: DamageLog?
  /// The columns' names, in file order.
  var names: [String] = []
  /// The columns of side tables, whose names follow the table's own.
  private var joined: JoinedColumns?
  private var ownCount: Int { joined?.ownCount ?? names.count }
  /// The line of the header, when there is one.
  var headerLine: Int?
  private(set) var bytesRead = 0
  /// The present block; of several, the last.
  private(set) var current: TextBlock
  /// Blocks that are not in use.
  private var free: [TextBlock] = []
  /// The present blocks, and those that were read ahead of them.
  private var blocks: [TextBlock]
  private var ahead: [TextBlock] = []
  /// What ended the reading ahead: the end of the input, or an error.
  private var isDone = false
  private var failure: (any Error)?
  private var atEnd = false

  /// The records of the present block.
  var block: RecordBlock { current.records }

  /// Reads a source from its beginning, the header first.
  ///
  /// The `optional` columns, all of them together, may be absent from a table without a header that
  /// is otherwise as `format.columns` says. Damaged records are skipped when there is a log for
  /// them. Throws `DataError`.
  init(
    _ source: any ByteSource, format: TableFormat, optional: Set<String> = [],
    damage: DamageLog? = nil
  ) throws {
    let marks = [format.delimiter, format.quote] + (format.escape == 0 ? [] : [format.escape])
    guard !(marks + format.delimiterRest).contains(where: { $0 == 10 || $0 == 13 }),
      Set(marks).count == marks.count
    else {
      throw DataError(
        "the delimiter, the quote and the escape must differ, and none can be a line break")
    }
    self.source = source
    self.format = format
    self.damage = damage
    current = TextBlock(path: source.path, format: format, capacity: Self.blockBytes)
    blocks = [current]
    try fill(current)
    while current.length < 4, !atEnd { try fill(current) }
    let prefix = try prefix()
    current.pending = prefix.length
    if let delimiter = prefix.delimiter {
      (self.format.delimiter, self.format.delimiterRest) = (
        delimiter[0], Array(delimiter.dropFirst())
      )
      let block = makeBlock()
      block.continueFrom(current)
      current = block
      blocks = [block]
    }
    try readNames(optional: optional)
  }

  /// Reads the next records into `current`, at most `rowLimit`; false when there are none left.
  func nextBlock(rowLimit: Int = .max) throws -> Bool {
    try cutRows(current, rowLimit: rowLimit)
  }

  /// Reads the next records into `block`, which becomes the present block and loses its records.
  /// Several threads can do so in turns, each with its own block.
  func nextBlock(into block: TextBlock, rowLimit: Int = .max) throws -> Bool {
    if block !== current {
      block.continueFrom(current)
      current = block
      blocks = [block]
    }
    return try nextBlock(rowLimit: rowLimit)
  }

  func makeBlock() -> TextBlock {
    TextBlock(path: source.path, format: format, capacity: Self.blockBytes)
  }

  /// The next blocks, as many as were read ahead and at least one; none at the end.
  func nextBlocks() throws -> [TextBlock] {
    if ahead.isEmpty {
      if let failure { throw failure }
      return try !isDone && nextBlock() ? [current] : []
    }
    free += blocks
    blocks = ahead
    current = blocks[blocks.count - 1]
    ahead = []
    return blocks
  }

  /// Reads one more block ahead of the present ones, which keep their records. `nextBlocks` then
  /// returns the blocks read ahead, and after them throws the error that ended the reading. False
  /// when there are `count` of them, or nothing is left to be read.
  func readAhead(_ count: Int) -> Bool {
    guard ahead.count < count, !isDone, failure == nil else { return false }
    let next = free.popLast() ?? makeBlock()
    next.continueFrom(ahead.last ?? current)
    do {
      isDone = try !cutRows(next, rowLimit: .max)
      if !isDone { ahead.append(next) }
    } catch {
      failure = error
    }
    return !isDone && failure == nil
  }

  /// Joins side tables to all records from now on. Throws `DataError`.
  func join(_ tables: [SideTable]) throws {
    let columns = try JoinedColumns(
      tables, own: names, missing: format.missing.first ?? "", column: column)
    joined = columns
    names = columns.names
  }

  /// Says that a column is read.
  func use(_ column: Int) { joined?.use(column) }

  /// Cuts whole records with all their columns; false when there are none left.
  private func cutRows(_ block: TextBlock, rowLimit: Int) throws -> Bool {
    guard try cutSome(block, columnCount: ownCount, rowLimit: rowLimit) else { return false }
    if let joined { try block.join(joined) }
    return true
  }

  /// Cuts the first record of the input, whatever its number of fields; false when there is none.
  func cutHeader() throws -> Bool { try cutSome(current, columnCount: nil, rowLimit: 1) }

  /// Cuts whole records, reading on as long as there is none.
  private func cutSome(_ block: TextBlock, columnCount: Int?, rowLimit: Int) throws -> Bool {
    while true {
      try fill(block)
      let finding = block.cut(columnCount: columnCount, rowLimit: rowLimit)
      if let finding {
        let error = block.error(finding, expected: columnCount ?? 0)
        guard let damage, columnCount != nil else { throw error }
        block.dropLastRecord()
        if block.parser.consumed == block.parser.recordStart {
          // The end of its line was not read yet: it is cut again with more text.
          if block.records.rowCount > 0 { return true }
          if atEnd { throw error }
          if block.length >= block.capacity { try grow(block) }
          continue
        }
        try damage.skip(error)
        if block.records.rowCount == 0 { continue }
      }
      if block.records.rowCount > 0 { return true }
      if atEnd {
        if let quote = block.parser.openQuote { throw block.unterminated(quote) }
        // The last line end may be text, behind an escape.
        if block.unread > 0 { throw block.unended }
        return false
      }
      if block.pending == 0, block.length >= block.capacity { try grow(block) }
    }
  }

  /// Drops the parsed text and fills the block up. At the end of the input a missing line feed is
  /// added to the last line.
  private func fill(_ block: TextBlock) throws {
    block.dropParsed()
    while !atEnd, block.length < block.capacity {
      let room = UnsafeMutableRawBufferPointer(
        start: block.buffer + block.length, count: block.capacity - block.length)
      let count = try source.read(into: room)
      bytesRead += count
      block.length += count
      if count == 0 {
        atEnd = true
        try source.requireUnchanged()
        if block.length > 0, block.buffer[block.length - 1] != 10 {
          block.buffer[block.length] = 10
          block.length += 1
        }
      }
      // Of a pipe only what is there: the writer may wait for an answer.
      if source.size == nil { break }
    }
  }

  private func grow(_ block: TextBlock) throws {
    guard block.capacity < Self.maximumRecordBytes else {
      if let quote = block.parser.openQuote { throw block.unterminated(quote) }
      throw DataError(
        "the record is longer than \(Self.maximumRecordBytes >> 20) MiB",
        at: .init(file: source.path, line: block.parser.line, column: 1),
        hint: "is this a text table with line breaks? \(TextBlock.loneReturns)")
    }
    block.grow(to: block.capacity * 2)
  }
}
