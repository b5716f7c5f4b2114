import CKernels
import Schema

/// Turns one column of the table into its part of the feeds, a block of records at a time.
///
/// One column after another, not one record after another: each loop then has one kind of cell,
/// and its table of tokens stays in the cache.
protocol ColumnEncoder: AnyObject {
  var source: SourceColumn { get set }
  /// Columns that it reads besides.
  var furtherSources: [SourceColumn] { get set }

  /// Encodes the cells of a block. Throws the first `DataError` of its rows.
  ///
  /// - Parameters:
  ///   - rows: the block's records to encode.
  ///   - output: the feeds; row `rows.lowerBound` goes to row `target`.
  func encode(
    _ block: TextBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws

  /// What a kernel can encode of the cells together with other columns, a few rows at a time; nil
  /// when `encode` does everything. The memory pointed to is valid until `complete`.
  func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws -> mtlc_text_column?

  /// Completes what the kernel encoded, and encodes the rows from `row` on, which it did not.
  func complete(
    _ block: TextBlock, rows: Range<Int>, from row: Int, into output: FeedStorage, at target: Int
  ) throws

  /// Encodes rows whose columns are values in memory: to what `encode` makes of the text of a file that
  /// holds the same. Throws `DataError`.
  func encode(
    _ values: ValueBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws

  /// The values in memory that it reads.
  var accepted: ColumnValues.Accepted { get }
  /// The values that it reads from its further columns.
  var acceptedFurther: ColumnValues.Accepted { get }
  /// Whether it reads integers in memory as numbers, and not as text.
  var readsIntegers: Bool { get }

  /// Throws the error that `encode` would throw for one record, and changes nothing.
  func verify(_ block: TextBlock, _ row: Int) throws
}

extension ColumnEncoder {
  var furtherSources: [SourceColumn] {
    get { [] }
    set {}
  }

  func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws -> mtlc_text_column? { nil }

  func complete(
    _ block: TextBlock, rows: Range<Int>, from row: Int, into output: FeedStorage, at target: Int
  ) throws {}

  func verify(_ block: TextBlock, _ row: Int) throws {}

  var accepted: ColumnValues.Accepted { .init() }
  var acceptedFurther: ColumnValues.Accepted { .init() }
  var readsIntegers: Bool { false }

  func encode(
    _ values: ValueBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws {
    try values.requireCells(index, of: source.purpose)
    for further in furtherSources { try values.requireCells(further.index, of: further.purpose) }
    try encode(values.text, rows: rows, into: output, at: target)
  }

  /// The column's place in the present file, −1 when it is absent.
  var index: Int { source.index }
  /// The column's name in the table.
  var column: String { source.name }
  /// The same for messages.
  var shownColumn: String { MessageText.printable(source.name) }

  /// The error of a cell that is not UTF-8.
  func encodingError(_ block: TextBlock, _ row: Int) -> DataError {
    block.fieldError(
      row: row, column: index, { "\"\($0)\" in column \"\(shownColumn)\" is not UTF-8 text" },
      hint: block.encodingHint)
  }
}
