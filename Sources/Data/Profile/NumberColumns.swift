import Schema

/// The numbers in some columns of the first rows of a table.
package enum NumberColumns {
  /// By column and row; NaN for a cell that is no finite number.
  ///
  /// - Throws: `DataError`, for a column that there is not, too.
  package static func read(
    _ names: [String], of path: String, _ format: TableFormat, rowLimit: Int
  ) throws -> [[Double]] {
    let reader = try TableReader(TextSource(path, encoding: format.encoding), format: format)
    let columns = try names.map { try reader.column($0, for: "a number") }
    var numbers = [[Double]](repeating: [], count: names.count)
    var rows = 0
    while rows < rowLimit, try reader.nextBlock(rowLimit: rowLimit - rows) {
      let block = reader.block
      for (place, column) in columns.enumerated() {
        for row in 0..<block.rowCount {
          let cell = block.field(row, column)
          if let start = cell.baseAddress,
            case .finite(let number) = parseNumber(start, start + cell.count)
          {
            numbers[place].append(number)
          } else {
            numbers[place].append(.nan)
          }
        }
      }
      rows += block.rowCount
    }
    return numbers
  }
}
