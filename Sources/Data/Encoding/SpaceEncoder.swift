import Schema

/// Multiplies a task's column of `label_mask`, which holds weights of rows, by the weight of rows outside
/// of the task's sample space.
final class SpaceEncoder: ColumnEncoder {
  var source: SourceColumn
  private let values: TextList
  private let texts: [String]
  /// By text whether a row has it.
  private var isSeen: [Bool]
  private let outside: Float
  private let output: FeedColumn

  init(
    _ space: SampleSpace, task: String, isOptional: Bool, missing: [String], output: FeedColumn
  ) {
    values = TextList(space.values)
    texts = space.values
    isSeen = space.values.map { _ in false }
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
      if let text = values.index(of: block.records.field(row, index)) {
        isSeen[text] = true
      } else {
        cell.pointee *= outside
      }
      cell += output.width
    }
  }

  /// Texts of the space that no row has; none without the column.
  var unseenValues: [String] {
    index < 0 ? [] : zip(texts, isSeen).filter { !$1 }.map(\.0)
  }

  /// Adds what the encoder of the same column on another thread has seen.
  func absorb(_ replica: SpaceEncoder?) {
    for text in isSeen.indices where replica?.isSeen[text] == true { isSeen[text] = true }
  }
}
