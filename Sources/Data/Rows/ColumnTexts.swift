import Schema

/// The cells of one column of a table, row by row, whether or not a feature is made of it.
package struct ColumnTexts: Sendable {
  private var bytes: [UInt8] = []
  /// By row where its cell ends in `bytes`.
  private var ends: [Int] = []
  private let missing: [[UInt8]]

  /// Reads the column from files that are read as a declaration says, joined tables included.
  ///
  /// - Parameter purpose: What needs the column, for messages.
  /// - Throws: `DataError`, for a column that there is not, too.
  package init(
    _ files: [String], column: String, purpose: String, of declaration: DataDeclaration
  ) throws {
    missing = declaration.format.missing.map { Array($0.utf8) }
    let bare = DataDeclaration(
      format: declaration.format, features: [], labels: [], joins: declaration.joins)
    let encoder = try RowEncoder(fitting: bare)
    for file in TableParts.filled(files) {
      let reader = try encoder.open(file, keep: [column])
      let place = try reader.column(column, for: purpose)
      while try reader.nextBlock() {
        let block = reader.block
        for row in 0..<block.rowCount {
          bytes += block.field(row, place)
          ends.append(bytes.count)
        }
      }
    }
  }

  package var rowCount: Int { ends.count }

  /// The cell of a row.
  package subscript(row: Int) -> ArraySlice<UInt8> {
    bytes[(row > 0 ? ends[row - 1] : 0)..<ends[row]]
  }

  /// Whether a row has no value: the cell is empty, or a text that means so.
  package func isMissing(_ row: Int) -> Bool {
    let cell = self[row]
    return cell.isEmpty || missing.contains { $0.elementsEqual(cell) }
  }

  /// The cells as finite numbers; nil where one of them is none.
  package var numbers: [Double]? {
    var numbers: [Double] = []
    numbers.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      // The parser may look at a few bytes behind the text.
      let number = TokenTable.withPaddedBytes(of: String(decoding: self[row], as: UTF8.self)) {
        if case .finite(let number) = parseNumber($0, $0 + $1) { number } else { Double?.none }
      }
      guard let number else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
