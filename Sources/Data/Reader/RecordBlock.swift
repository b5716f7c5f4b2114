import CKernels

/// Where a field's text is, relative to its block: trimmed, without its quotes.
struct FieldBounds {
  var start: UInt32
  var end: UInt32
}

/// Some whole records of a table, valid until the next block is read.
///
/// The fields of a plain block (no quotes, each record with all its fields) lie between neighbouring
/// positions of its index; those of any other were cut by a `RecordParser`. Either way field (r, c)
/// starts at `starts[r * rowStride + c * columnStride] + bias`, and where lines end with CR and LF the
/// last of a record ends before both.
/// `StructuralIndex.padding` bytes after the text can be read too.
struct RecordBlock {
  var base: UnsafePointer<UInt8>
  var starts: UnsafePointer<UInt32>
  var ends: UnsafePointer<UInt32>
  var rowStride: Int
  var columnStride: Int
  var bias: UInt32
  /// Bytes between the end of a record's last field and the line feed.
  var lineEnd: UInt32
  /// Whether spaces at both ends of fields are still to be dropped.
  var trims: Bool
  var delimiter: UInt8
  /// The line on which each record starts; nil: one record a line from `firstLine` on.
  var lines: UnsafePointer<Int>?
  var firstLine: Int
  var rowCount: Int
  var columnCount: Int
  /// Whether every byte is an ASCII character; may be false where all are.
  var isASCII = true

  /// Records cut by a parser.
  init(
    _ base: UnsafePointer<UInt8>, bounds: UnsafePointer<FieldBounds>, lines: UnsafePointer<Int>,
    delimiter: UInt8, rowCount: Int, columnCount: Int
  ) {
    let words = UnsafeRawPointer(bounds).assumingMemoryBound(to: UInt32.self)
    self.base = base
    starts = words
    ends = words + 1
    rowStride = 2 * columnCount
    columnStride = 2
    bias = 0
    lineEnd = 0
    trims = false
    self.delimiter = delimiter
    self.lines = lines
    firstLine = 0
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// Plain records: `columnCount` positions each, the last a line feed.
  init(
    _ base: UnsafePointer<UInt8>, positions: UnsafePointer<UInt32>, firstLine: Int, lineEnd: UInt32,
    trims: Bool, delimiter: UInt8, rowCount: Int, columnCount: Int
  ) {
    self.base = base
    starts = positions - 1
    ends = positions
    rowStride = columnCount
    columnStride = 1
    bias = 1
    self.lineEnd = lineEnd
    self.trims = trims
    self.delimiter = delimiter
    lines = nil
    self.firstLine = firstLine
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  func line(_ row: Int) -> Int { lines?[row] ?? firstLine + row }

  /// A column's fields, for the kernels.
  func fields(_ column: Int) -> mtlc_text_fields {
    mtlc_text_fields(
      text: base, starts: starts + column * columnStride, ends: ends + column * columnStride,
      stride: Int64(rowStride), bias: bias, cut: column == columnCount - 1 ? lineEnd : 0,
      trims: trims ? 1 : 0, delimiter: delimiter)
  }

  /// The text of a field.
  @inline(__always)
  func field(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
    var fields = self.fields(column)
    let range = mtlc_text_field(&fields, Int64(row))
    return UnsafeBufferPointer(
      start: base + Int(range.start), count: Int(range.end) &- Int(range.start))
  }

  /// Where a field's text starts in the block.
  func start(_ row: Int, _ column: Int) -> Int {
    field(row, column).baseAddress.map { $0 - base } ?? 0
  }
}
