import Schema

/// Reads the rows of tables in batches, encoded for a plan, with the text of some columns kept to be
/// copied to the output. Several threads can share one: each uses a `PredictionLane` of its own.
package final class PredictionReader {
  /// The columns kept.
  package private(set) var keep: [String] = []
  package let layout: FeedLayout
  let batchRows: Int
  let memoryLimit: Int?
  private let schema: DataSchema
  private let requiresLabels: Bool
  private let damage: DamageLog?
  private var keptIndices: [Int] = []
  /// The files that were opened so far, each with an encoder that knows its columns. Lanes have replicas
  /// of them. The last one is read.
  private var files: [(reader: TableReader, encoder: RowEncoder)] = []
  /// Files that are to be opened, the next one last.
  private var waiting: [String] = []
  private let ownLane = PredictionLane()

  /// Opens a file (`-`: standard input) and finds its columns. Those of labels, the sample weight and
  /// the group are not looked at. Throws `DataError`.
  ///
  /// - Parameters:
  ///   - keep: Each entry names a column, or several with commas between them.
  ///   - batchRows: The most rows of a batch; only the last has fewer.
  package convenience init(
    _ path: String, schema: DataSchema, keep: [String] = [], batchRows: Int,
    memoryLimit: Int? = nil
  ) throws {
    self.init(schema: schema, batchRows: batchRows, memoryLimit: memoryLimit)
    let encoder = RowEncoder(schema, requireLabels: false)
    let reader: TableReader
    if schema.format.layout == .table, schema.format.columns == nil {
      reader = try encoder.open(path)
      self.keep = try Self.columns(keep, among: reader.names)
    } else {
      // The columns that are asked for decide what such a file is read as.
      self.keep = try Self.columns(keep, among: schema.format.columns ?? [])
      reader = try encoder.open(path, keep: self.keep)
    }
    keptIndices = try self.keep.map { try reader.column($0, for: "the output") }
    files = [(reader, encoder)]
  }

  /// Reads rows with their labels from files one after the other; a batch may have rows of several.
  ///
  /// - Parameter damage: Where records that cannot be read are noted and left out; nil: the first one
  ///   is an error.
  package convenience init(
    labelled files: [String], schema: DataSchema, batchRows: Int, damage: DamageLog? = nil
  ) {
    self.init(schema: schema, batchRows: batchRows, requiresLabels: true, damage: damage)
    waiting = files.reversed()
  }

  /// Reads rows that are in memory, each the text of its columns by their names. A column that a row
  /// lacks has no value there; columns that the schema does not read are ignored. A place in an error
  /// names the row as its line. Throws `DataError`.
  package convenience init(
    rows: [[String: String]], schema: DataSchema, batchRows: Int
  ) throws {
    let missing = schema.format.missing
    var schema = schema
    schema.format = TableFormat(
      hasHeader: false, trimsSpaces: schema.format.trimsSpaces, missing: missing)
    self.init(schema: schema, batchRows: batchRows)
    let encoder = RowEncoder(schema, requireLabels: false)
    let columns = try encoder.memoryColumns(rows)
    encoder.columns.format.columns = columns
    let reader = try encoder.open(
      MemorySource(rows, columns: columns, missing: missing.first ?? "", path: "rows"))
    files = [(reader, encoder)]
  }

  /// Reads the bytes of a file in memory, of the format of an encoder's schema. Throws `DataError`.
  package convenience init(
    text: UnsafeRawBufferPointer, for values: ValueEncoder, batchRows: Int
  ) throws {
    self.init(schema: values.schema, batchRows: batchRows)
    guard schema.format.layout != .npy else {
      throw DataError("a .npy array is not text", hint: "give its columns, or the feeds")
    }
    let encoder = values.textEncoder()
    let source = MemorySource(text, path: "text")
    files = [(try encoder.open("text", memory: source), encoder)]
  }

  private init(
    schema: DataSchema, batchRows: Int, memoryLimit: Int? = nil, requiresLabels: Bool = false,
    damage: DamageLog? = nil
  ) {
    precondition(batchRows > 0, "a batch holds rows")
    self.schema = schema
    self.batchRows = batchRows
    self.memoryLimit = memoryLimit
    self.requiresLabels = requiresLabels
    self.damage = damage
    layout = schema.feeds
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

  /// How the rows so far found their keys in side tables, by file.
  package var joins: [JoinStatistics] {
    files.flatMap { $0.encoder.sideTables?.map(\.statistics) ?? [] }
  }

  /// The bytes read so far.
  package var bytesRead: Int { files.reduce(0) { $0 + $1.reader.bytesRead } }

  /// How many lanes the rows are worth, by the size of the files; without limit where it is not known.
  package var parallelism: Int {
    var bytes = files.last?.reader.source.size ?? (files.isEmpty ? 0 : nil)
    for path in waiting { bytes = bytes.flatMap { sum in Self.size(path).map { sum + $0 } } }
    return bytes.map { max(1, $0 / (2 * TableReader.blockBytes)) } ?? .max
  }

  /// Of a regular file. It is not opened, since a pipe can be opened once.
  private static func size(_ path: String) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
      ? attributes?[.size] as? Int : nil
  }

  /// The next rows, nil after the last; valid until the next call. Throws `DataError`.
  package func nextBatch() throws -> PredictionBatch? {
    try ownLane.take(from: self) ? try ownLane.batch(of: self) : nil
  }

  /// Cuts records off the present file, or off the next one when it is at its end.
  ///
  /// - Parameter text: Gives a block of text of a file to cut them into.
  /// - Returns: The number of the file and the runs of good records; nil when nothing is left.
  func cut(
    rowLimit: Int, into text: (_ file: Int, TableReader) -> TextBlock
  ) throws -> (file: Int, text: TextBlock, runs: [Range<Int>])? {
    while true {
      if let (reader, encoder) = files.last {
        let file = files.count - 1
        let text = text(file, reader)
        if try reader.nextBlock(into: text, rowLimit: rowLimit) {
          let runs =
            try damage.map { try encoder.goodRows(text, $0) } ?? [0..<text.records.rowCount]
          return (file, text, runs)
        }
      }
      guard let path = waiting.popLast() else { return nil }
      let encoder = RowEncoder(schema, requireLabels: requiresLabels)
      files.append((try encoder.open(path, damage: damage), encoder))
    }
  }

  /// An encoder of the columns of a file, for another thread.
  func replica(file: Int) -> RowEncoder {
    let replica = files[file].encoder.replica()
    replica.bind(like: files[file].encoder)
    return replica
  }

  /// Keeps the text of the kept columns of some records.
  func keep(_ block: TextBlock, _ rows: Range<Int>, in kept: inout KeptText) {
    guard !keptIndices.isEmpty else { return }
    for row in rows {
      for column in keptIndices { kept.append(block.records.field(row, column)) }
    }
  }
}

/// Some rows of a `PredictionReader`.
package final class PredictionBatch: Sendable {
  package let dataset: Dataset
  package var rowCount: Int { dataset.rowCount }
  /// The bytes of the files up to its end.
  package let bytesRead: Int
  private let kept: KeptText
  private let columns: Int

  init(dataset: Dataset, bytesRead: Int, kept: KeptText, columns: Int) {
    self.dataset = dataset
    self.bytesRead = bytesRead
    self.kept = kept
    self.columns = columns
  }

  /// Calls `body` with the text of kept column `column` (its place in `keep`) of a row, without
  /// quotes.
  package func withKept<R>(
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
