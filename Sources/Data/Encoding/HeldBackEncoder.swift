import Schema

/// Encodes which training rows are held back for validation into the feed `held_back`: 1 from a value of
/// a column on, 0 before it, and where the cell or the column is missing.
final class HeldBackEncoder: ColumnEncoder {
  var source: SourceColumn
  private let from: ValidationColumn.Bound
  private let output: FeedColumn
  private let reading: NumberReading

  init(
    _ held: ValidationColumn, presence: SourceColumn.Presence, missing: [String],
    marks: NumberMarks, output: FeedColumn
  ) {
    reading = NumberReading(marks)
    from = held.from
    self.output = output
    source = SourceColumn(
      held.column, purpose: "\"data.validation_split\"", presence: presence, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    var cell = output.pointer(storage, row: row, as: Int32.self)
    for row in rows {
      cell.pointee = try index >= 0 && isHeld(block, row) ? 1 : 0
      cell += output.width
    }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    if index >= 0 { _ = try isHeld(block, row) }
  }

  private func isHeld(_ block: TextBlock, _ row: Int) throws -> Bool {
    let field = block.records.field(row, index)
    if field.isEmpty || source.missing.contains(field) { return false }
    switch from {
    case .text(let text): return !field.lexicographicallyPrecedes(text.utf8)
    case .number(let least):
      guard case .finite(let number) = reading.number(field) else { throw numberError(block, row) }
      return number >= least
    }
  }
}
