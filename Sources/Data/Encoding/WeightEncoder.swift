import Schema

/// Encodes the column of sample weights into the feed `sample_weight`; 1 without the column.
final class WeightEncoder: ColumnEncoder {
  var source: SourceColumn
  private let output: FeedColumn

  init(column: String, isOptional: Bool, missing: [String], output: FeedColumn) {
    self.output = output
    source = SourceColumn(
      column, purpose: "the sample weight", isOptional: isOptional, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    var cell = output.pointer(storage, row: row, as: Float.self)
    for row in rows {
      cell.pointee = index >= 0 ? try read(block, row) : 1
      cell += output.width
    }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    if index >= 0 { _ = try read(block, row) }
  }

  private func read(_ block: TextBlock, _ row: Int) throws -> Float {
    let field = block.records.field(row, index)
    guard let start = field.baseAddress,
      case .finite(let number) = parseNumber(start, start + field.count), number >= 0,
      Float(number).isFinite
    else {
      throw block.fieldError(
        row: row, column: index,
        { "the sample weight \"\($0)\" in column \"\(shownColumn)\" is not a number of at least 0" }
      )
    }
    return Float(number)
  }
}
