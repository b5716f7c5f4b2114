import Schema

/// Hashes the texts of several columns into one id; 0 where one of them is missing.
final class CrossEncoder: ColumnEncoder {
  var source: SourceColumn
  var furtherSources: [SourceColumn]
  let columns: [String]
  let buckets: Int
  private let output: FeedColumn
  private(set) var values = 0
  private(set) var missingCells = 0

  /// Stands behind each text, so that different texts do not become one.
  private static let end: [UInt8] = [0x1F]

  init(
    columns: [String], purpose: String, missing: [String], buckets: Int, output: FeedColumn
  ) {
    self.columns = columns
    self.buckets = buckets
    self.output = output
    let sources = columns.map { SourceColumn($0, purpose: purpose, missing: missing) }
    source = sources[0]
    furtherSources = Array(sources.dropFirst())
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    let cells = output.ids(storage, row: row)
    for row in rows {
      let id = try self.id(block, row)
      let fits = cells.store(id, at: (row - rows.lowerBound) * output.width)
      assert(fits, "a feed of bytes has no larger ids")
      missingCells += id == 0 ? 1 : 0
    }
    values += rows.count
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    _ = try id(block, row)
  }

  /// Adds the counts of the encoder of the same columns on another thread.
  func absorb(_ replica: CrossEncoder) {
    values += replica.values
    missingCells += replica.missingCells
  }

  private func id(_ block: TextBlock, _ row: Int) throws -> Int32 {
    var hash = fnv1a(UnsafeBufferPointer(start: nil, count: 0))
    var isMissing = false
    for number in 0...furtherSources.count {
      let source = number == 0 ? source : furtherSources[number - 1]
      let field = block.records.field(row, source.index)
      guard block.records.isASCII || TextEncoding.isValid(field) else {
        throw block.fieldError(
          row: row, column: source.index,
          { "\"\($0)\" in column \"\(MessageText.printable(source.name))\" is not UTF-8 text" },
          hint: block.encodingHint)
      }
      isMissing = isMissing || source.missing.contains(field)
      hash = fnv1a(fnv1a(hash, field), Self.end)
    }
    return isMissing ? 0 : Int32(truncatingIfNeeded: hash % UInt64(max(1, buckets)) &+ 1)
  }
}
