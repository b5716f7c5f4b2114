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
