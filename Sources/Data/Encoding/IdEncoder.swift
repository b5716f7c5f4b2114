import Schema

/// Encodes a column with one id a cell into its column of the `ids` feed.
final class IdEncoder: ColumnEncoder {
  let coder: IdCoder
  private let output: FeedColumn

  init(column: String, purpose: String, missing: [String], coder: IdCoder, output: FeedColumn) {
    self.coder = coder
    self.output = output
    super.init(column: column, purpose: purpose, missing: missing)
  }

  override func encode(
    _ reader: TableReader, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    let block = reader.block
    let index = self.index
    let coder = self.coder
    let stride = output.width
    var cell = output.pointer(storage, row: row, as: Int32.self)
    for row in rows {
      guard let id = coder.code(block.field(row, index)) else {
        throw idError(reader, row)
      }
      cell.pointee = id
      cell += stride
    }
  }

  override func finish(rowCount: Int, output storage: FeedStorage) throws {
    guard coder.learns, rowCount > 0 else { return }
    let cells = output.pointer(storage, row: 0, as: Int32.self)
    coder.settle(cells, count: rowCount, stride: output.width)
    var zeros = 0
    for row in 0..<rowCount where cells[row &* output.width] == 0 { zeros &+= 1 }
    coder.countUnknown(zeros: zeros)
  }
}

extension ColumnEncoder {
  /// The error of a cell that should hold an integer id.
  final func idError(_ reader: TableReader, _ row: Int) -> DataError {
    reader.fieldError(
      row: row, column: index, { "\"\($0)\" in column \"\(column)\" is not an integer id" },
      hint: "use hash_bucket_size or a vocabulary for ids that are text")
  }
}
