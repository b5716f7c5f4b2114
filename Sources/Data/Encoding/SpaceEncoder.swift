import Schema

/// Multiplies a task's column of `label_mask`, which holds weights of rows, by the weight of rows outside
/// of the task's sample space.
final class SpaceEncoder: ColumnEncoder {
  var source: SourceColumn
  private let values: TextList
  private let outside: Float
  private let output: FeedColumn

  init(
    _ space: SampleSpace, task: String, isOptional: Bool, missing: [String], output: FeedColumn
  ) {
    values = TextList(space.values)
    outside = Float(space.outsideWeight)
    self.output = output
    source = SourceColumn(
      space.column, purpose: "\"where\" of the task \"\(task)\"", isOptional: isOptional,
      missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    guard index >= 0 else { return }
    var cell = output.pointer(storage, row: row, as: Float.self)
    for row in rows {
      if !values.contains(block.records.field(row, index)) { cell.pointee *= outside }
      cell += output.width
    }
  }
}
