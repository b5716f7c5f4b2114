import CKernels
import Schema

/// A table in memory whose rows are found by a key.
final class SideTable {
  let join: TableJoin
  /// The columns but for the key, in their order.
  let names: [String]
  /// Whether every byte is an ASCII character.
  private(set) var isASCII = true
  /// Rows whose keys were looked up, and those of them that were not found.
  var lookups = 0
  var unmatched = 0

  /// From a key to its row.
  private let keys = TokenTable()
  /// The texts of all fields, row by row without that of the key, and where each starts; one more
  /// entry is the end.
  private var text: [UInt8] = []
  private var starts: [Int] = [0]
  /// The line of each row in the file.
  private var lines: [Int] = []

  var rowCount: Int { lines.count }

  /// Reads the file. Throws `DataError`, for a key that occurs twice too.
  init(_ join: TableJoin) throws {
    self.join = join
    let reader = try TableReader(Self.open(join), format: join.format)
    let key = try reader.column(join.key, for: "data.join")
    let columns = reader.names.indices.filter { $0 != key }
    names = columns.map { reader.names[$0] }
    while try reader.nextBlock() {
      isASCII = isASCII && reader.block.isASCII
      for row in 0..<reader.block.rowCount {
        try add(row, of: reader.current, key: key, columns)
      }
    }
  }

  private static func open(_ join: TableJoin) throws -> TextSource {
    do {
      return try TextSource(join.file, encoding: join.format.encoding)
    } catch var error as DataError {
      // The plan says where the table is, not the command.
      let reason = "data.join takes columns from it; rows that have them all need it not"
      error.hint = error.hint.map { "\($0) \(reason)" } ?? reason
      throw error
    }
  }

  private func add(_ row: Int, of block: TextBlock, key: Int, _ columns: [Int]) throws {
    let records = block.records
    let field = records.field(row, key)
    // A row without a key cannot be found.
    guard let start = field.baseAddress, !field.isEmpty else { return }
    let known = keys.find(start, field.count)
    guard known < 0 else {
      throw block.fieldError(
        row: row, column: key,
        { "the key \"\($0)\" is in line \(lines[Int(known)]) already" },
        hint:
          "the column \"\(MessageText.printable(join.key))\" that data.join names must name each"
          + " row once")
    }
    guard keys.add(start, field.count, value: Int32(clamping: rowCount)) >= 0 else {
      throw DataError("the table has too many rows to be joined", at: .init(file: join.file))
    }
    for column in columns {
      text += records.field(row, column)
      starts.append(text.count)
    }
    lines.append(records.line(row))
  }

  /// The row of a key; nil where there is none. `TokenTable.padding` bytes after the key must be readable.
  func row(of key: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let start = key.baseAddress, !key.isEmpty else { return nil }
    let entry = keys.find(start, key.count)
    return entry < 0 ? nil : Int(entry)
  }

  /// Appends the texts of some fields of a row to a block. Returns where the first starts.
  func copy(_ row: Int, columns: some Sequence<Int>, to block: TextBlock) throws -> UInt32 {
    var first: UInt32?
    try text.withUnsafeBufferPointer { text in
      for column in columns {
        let start = try block.append(UnsafeBufferPointer(rebasing: text[range(row, column)]))
        first = first ?? start
      }
    }
    return first ?? 0
  }

  /// Where a field lies among the texts.
  func range(_ row: Int, _ column: Int) -> Range<Int> {
    let place = row * names.count + column
    return starts[place]..<starts[place + 1]
  }

  func place(_ row: Int) -> DataError.Place { .init(file: join.file, line: lines[row]) }

  var statistics: JoinStatistics {
    JoinStatistics(file: join.file, column: join.column, rows: lookups, unmatched: unmatched)
  }
}
