import Schema

/// Encodes the column that groups rows into the two columns of the feed `group`: the halves of the
/// FNV-1a hash (64 bit) of the cell's bytes, 0 for an empty or missing one. Two of a million groups
/// share a hash with a probability of 3·10⁻⁸.
final class GroupEncoder: ColumnEncoder {
  var source: SourceColumn
  private let output: FeedColumn

  init(column: String, isOptional: Bool, missing: [String], output: FeedColumn) {
    self.output = output
    source = SourceColumn(
      column, purpose: "\"data.group_by\"", isOptional: isOptional, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    var cell = output.pointer(storage, row: row, as: Int32.self)
    for row in rows {
      var hash: UInt64 = 0
      if index >= 0 {
        let field = block.records.field(row, index)
        guard block.records.isASCII || TextEncoding.isValid(field) else {
          throw encodingError(block, row)
        }
        hash = Self.hash(field, source.missing)
      }
      cell[0] = Int32(truncatingIfNeeded: hash)
      cell[1] = Int32(truncatingIfNeeded: hash >> 32)
      cell += output.width
    }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    guard index < 0 || TextEncoding.isValid(block.records.field(row, index)) else {
      throw encodingError(block, row)
    }
  }

  private static func hash(_ field: UnsafeBufferPointer<UInt8>, _ missing: TextList) -> UInt64 {
    if field.isEmpty || missing.contains(field) { return 0 }
    // 0 is for rows in no group.
    return max(1, fnv1a(field))
  }
}
