import Schema

/// Streams the rows of a table in batches, encoded for a plan, with the text of some columns kept
/// to be copied to the output.
public final class PredictionReader {
  /// The columns kept.
  public let keep: [String]
  public let layout: FeedLayout
  private let reader: TableReader
  private let encoder: RowEncoder
  private let keptIndices: [Int]
  private let batchRows: Int
  private let memoryLimit: Int?
  /// Records of the reader's block that were already returned.
  private var used = 0
  private var atEnd = false

  /// Opens the file (`-`: standard input) and finds its columns. Those of labels, the sample weight and
  /// the group are not looked at. Throws `DataError`.
  ///
  /// - Parameters:
  ///   - keep: Each entry names a column, or several with commas between them.
  ///   - batchRows: The most rows of a batch; only the last has fewer.
  public init(
    _ path: String, schema: DataSchema, keep: [String] = [], batchRows: Int,
    memoryLimit: Int? = nil
  ) throws {
    precondition(batchRows > 0, "a batch holds rows")
    self.batchRows = batchRows
    self.memoryLimit = memoryLimit
    encoder = RowEncoder(schema, requireLabels: false)
    layout = encoder.layout
    if schema.format.layout == .table, schema.format.columns == nil {
      reader = try encoder.open(path)
      self.keep = try Self.columns(keep, among: reader.names)
    } else {
      // The columns that are asked for decide what such a file is read as.
      self.keep = try Self.columns(keep, among: schema.format.columns ?? [])
      reader = try encoder.open(path, keep: self.keep)
    }
    keptIndices = try self.keep.map { [reader] in try reader.column($0, for: "the output") }
  }

  /// Reads rows that are in memory, each the text of its columns by their names. A column that a row
  /// lacks has no value there; columns that the schema does not read are ignored. A place in an error
  /// names the row as its line. Throws `DataError`.
  public init(rows: [[String: String]], schema: DataSchema, batchRows: Int) throws {
    precondition(batchRows > 0, "a batch holds rows")
    keep = []
    keptIndices = []
    memoryLimit = nil
    self.batchRows = batchRows
    let missing = schema.format.missing
    var schema = schema
    schema.format = TableFormat(hasHeader: false, missing: missing)
    encoder = RowEncoder(schema, requireLabels: false)
    layout = encoder.layout
    let columns = try encoder.memoryColumns(rows)
    encoder.columns.format.columns = columns
    reader = try encoder.open(
      MemorySource(rows, columns: columns, missing: missing.first ?? "", path: "rows"))
  }

  /// The columns that the entries of a list name. An entry that is no column itself is divided at its
  /// commas, into as long names as there are. Throws `DataError` for a column that is named twice.
  private static func columns(_ entries: [String], among names: [String]) throws -> [String] {
    let known = Set(names)
    var columns: [String] = []
    for entry in entries {
      let parts = entry.split(separator: ",", omittingEmptySubsequences: false)
      var start = 0
      while start < parts.count {
        let ends = (start + 1...parts.count).reversed()
        let end = ends.first { known.contains(parts[start..<$0].joined(separator: ",")) }
        let name = parts[start..<(end ?? start + 1)].joined(separator: ",")
        if columns.contains(name) {
          throw DataError(
            "the output is to have the column \"\(MessageText.printable(name))\" twice")
        }
        columns.append(name)
        start = end ?? start + 1
      }
    }
    return columns
  }

  /// How the rows so far found their keys in side tables.
  public var joins: [JoinStatistics] { encoder.sideTables?.map(\.statistics) ?? [] }

  /// The bytes read so far.
  public var bytesRead: Int { reader.bytesRead }

  /// The next rows, nil after the last. Throws `DataError`.
  public func nextBatch() throws -> PredictionBatch? {
    let storage = try FeedStorage(layout, memoryLimit: memoryLimit)
    var kept = KeptText()
    var rows = 0
    while rows < batchRows {
      if used >= reader.block.rowCount || !started {
        guard !atEnd, try reader.nextBlock() else {
          atEnd = true
          break
        }
        started = true
        used = 0
      }
      let count = min(reader.block.rowCount - used, batchRows - rows)
      try storage.reserve(rows + count, expected: min(batchRows, 1 << 16))
      try encoder.encode(
        [RowPiece(block: reader.current, rows: used..<used + count, target: rows)], into: storage)
      for row in used..<used + count {
        for column in keptIndices { kept.append(reader.block.field(row, column)) }
      }
      used += count
      rows += count
    }
    guard rows > 0 else { return nil }
    return PredictionBatch(
      dataset: Dataset(storage, rowCount: rows), kept: kept, columns: keptIndices.count)
  }

  /// Whether the reader's block holds rows, and not the header that was read first.
  private var started = false
}

/// Some rows of a `PredictionReader`.
public final class PredictionBatch: Sendable {
  public let dataset: Dataset
  public var rowCount: Int { dataset.rowCount }
  private let kept: KeptText
  private let columns: Int

  init(dataset: Dataset, kept: KeptText, columns: Int) {
    self.dataset = dataset
    self.kept = kept
    self.columns = columns
  }

  /// Calls `body` with the text of kept column `column` (its place in `keep`) of a row, without
  /// quotes.
  public func withKept<R>(
    row: Int, column: Int, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    precondition(column >= 0 && column < columns, "a kept column")
    return try kept.withText(row * columns + column, body)
  }
}

/// Texts, one after the other in one array.
struct KeptText: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }

  func withText<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    let start = index > 0 ? ends[index - 1] : 0
    return try bytes.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[index]]))
    }
  }
}
