import Schema

/// The columns that a table gets from side tables, behind its own. Blocks are joined by one thread at a
/// time.
final class JoinedColumns {
  /// A side table, the column of the rows that holds its key, and which of its columns are read, with
  /// their places in the joined table.
  fileprivate struct Side {
    let table: SideTable
    let key: Int
    let columns: [(place: Int, column: Int)]
    var used: [(place: Int, column: Int)] = []
    /// By row of the side table the block in which it was last copied, and to where.
    var blocks: [Int32]
    var places: [UInt32]
  }

  /// The names of all columns.
  let names: [String]
  let ownCount: Int
  private var sides: [Side]
  /// Own columns that are read.
  private var usedOwn: Set<Int> = [0]
  private var block: Int32 = 0
  private let missing: [UInt8]

  /// - Parameters:
  ///   - own: the names of the table's own columns. One that a side table has too is taken from the row.
  ///   - missing: the text of a field without a value.
  ///   - column: the place of an own column, by its name and what needs it.
  /// - Throws: `DataError` for a key that the rows do not have.
  init(
    _ tables: [SideTable], own: [String], missing: String,
    column: (_ name: String, _ purpose: String) throws -> Int
  ) throws {
    ownCount = own.count
    self.missing = Array(missing.utf8)
    var names = own
    sides = try tables.map { table in
      let key = try column(
        table.join.column, "data.join with \(MessageText.printable(table.join.fileName))")
      let columns = table.names.indices.filter { !own.contains(table.names[$0]) }
      let first = names.count
      names += columns.map { table.names[$0] }
      return Side(
        table: table, key: key, columns: columns.enumerated().map { (first + $0, $1) },
        blocks: Array(repeating: 0, count: table.rowCount),
        places: Array(repeating: 0, count: table.rowCount))
    }
    self.names = names
  }

  /// A column that is read. Others are not joined.
  func use(_ column: Int) {
    if column < ownCount {
      usedOwn.insert(column)
      return
    }
    for k in sides.indices {
      for entry in sides[k].columns
      where entry.place == column && !sides[k].used.contains(where: { $0.place == column }) {
        sides[k].used.append(entry)
      }
    }
  }

  /// The side table of a column and its number among them.
  func side(of column: Int) -> (number: Int, table: SideTable)? {
    sides.indices.first { k in sides[k].columns.contains { $0.place == column } }
      .map { ($0, sides[$0].table) }
  }

  var sideCount: Int { sides.count }

  /// Fills the bounds of the fields of a block's records, as many for each as there are names, and
  /// appends the texts of the side tables to the block.
  ///
  /// - Parameter rows: by record, and in it by side table, the row that was found; −1 for none.
  func join(
    _ text: TextBlock, into bounds: UnsafeMutablePointer<FieldBounds>,
    rows: UnsafeMutablePointer<Int32>
  ) throws {
    let width = names.count
    block &+= 1
    let absent = try text.append(missing)
    let records = text.records
    for row in 0..<records.rowCount {
      for column in usedOwn {
        let field = records.field(row, column)
        let start = field.baseAddress.map { $0 - records.base } ?? 0
        bounds[row * width + column] = FieldBounds(
          start: UInt32(truncatingIfNeeded: start),
          end: UInt32(truncatingIfNeeded: start + field.count))
      }
    }
    for k in sides.indices {
      for row in 0..<text.records.rowCount {
        // The text may have moved.
        let found = sides[k].table.row(of: text.records.field(row, sides[k].key))
        rows[row * sides.count + k] = Int32(clamping: found ?? -1)
        try sides[k].join(
          found, block, text, bounds + row * width, absent: absent, length: missing.count)
      }
      sides[k].table.lookups += records.rowCount
    }
  }

  /// Whether what is joined holds nothing but ASCII characters.
  var isASCII: Bool { sides.allSatisfy(\.table.isASCII) && missing.allSatisfy { $0 < 0x80 } }
}

extension JoinedColumns.Side {
  /// Sets the bounds of a record's fields that come from this table.
  mutating func join(
    _ found: Int?, _ block: Int32, _ text: TextBlock,
    _ bounds: UnsafeMutablePointer<FieldBounds>, absent: UInt32, length: Int
  ) throws {
    guard let row = found else {
      table.unmatched += 1
      for (place, _) in used {
        bounds[place] = FieldBounds(start: absent, end: absent + UInt32(length))
      }
      return
    }
    // A row that many records of a block find is copied once.
    if blocks[row] != block {
      blocks[row] = block
      places[row] = try table.copy(row, columns: used.lazy.map(\.column), to: text)
    }
    var start = places[row]
    for (place, column) in used {
      let end = start + UInt32(table.range(row, column).count)
      bounds[place] = FieldBounds(start: start, end: end)
      start = end
    }
  }
}
