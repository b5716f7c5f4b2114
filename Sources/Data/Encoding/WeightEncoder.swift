import Schema

/// Encodes a column of weights of rows: of all tasks into the feed `sample_weight`, of one task into its
/// column of `label_mask`. 1 without the column.
final class WeightEncoder: ColumnEncoder {
  var source: SourceColumn
  private let output: FeedColumn

  private let reading: NumberReading

  /// - Parameter purpose: What the weight is of, for messages.
  init(
    column: String, purpose: String = "the sample weight", isOptional: Bool, missing: [String],
    marks: NumberMarks, output: FeedColumn
  ) {
    self.output = output
    reading = NumberReading(marks)
    source = SourceColumn(column, purpose: purpose, isOptional: isOptional, missing: missing)
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
    guard case .finite(let number) = reading.number(field), number >= 0,
      Float(number).isFinite
    else {
      throw block.fieldError(
        row: row, column: index,
        { "\(source.purpose) \"\($0)\" in column \"\(shownColumn)\" is not a number of at least 0" }
      )
    }
    return Float(number)
  }
}
