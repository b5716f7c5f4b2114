/// Where a field's text is, relative to its block: trimmed, without its quotes.
struct FieldBounds {
  var start: UInt32
  var end: UInt32
}

/// Some whole records of a table, valid until the next block is read.
///
/// `StructuralIndex.padding` bytes after the text can be read too.
struct RecordBlock {
  var base: UnsafePointer<UInt8>
  /// Row-major `[rowCount, columnCount]`.
  var bounds: UnsafePointer<FieldBounds>
  /// The line on which each record starts.
  var lines: UnsafePointer<Int>
  var rowCount: Int
  var columnCount: Int

  /// The text of a field.
  @inline(__always)
  func field(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
    let bounds = bounds[row &* columnCount &+ column]
    return UnsafeBufferPointer(
      start: base + Int(bounds.start), count: Int(bounds.end) &- Int(bounds.start))
  }
}
