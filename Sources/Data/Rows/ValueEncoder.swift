import Schema

/// Encodes rows whose columns are values in memory, to the same bits as a file that holds them. It
/// belongs to one thread at a time; others use replicas.
package final class ValueEncoder {
  /// What replicas share.
  private final class Shared: @unchecked Sendable {
    /// Held while side tables are read or joined.
    private let lock = Condition()
    /// Has the vocabularies, and reads the side tables.
    private let encoder: RowEncoder

    init(_ encoder: RowEncoder) { self.encoder = encoder }

    func withLock<R>(_ body: (RowEncoder) throws -> R) rethrows -> R {
      lock.lock()
      defer { lock.unlock() }
      return try body(encoder)
    }
  }

  /// The columns that rows can have: those that features are made of, and the keys of side tables.
  package let columns: [String]
  package let layout: FeedLayout
  let schema: DataSchema
  private let onlyFeatures: Bool
  private let shared: Shared
  private let encoder: RowEncoder
  private let storage: FeedStorage
  /// Bytes of a row of each feed.
  private let rowBytes: [Int]
  /// The columns that are encoded at present, in the order in which they are given.
  private var given: [Int] = []
  private var block: ValueBlock?
  private var encoders: ValueColumns?
  private var joined: JoinedColumns?
  /// The places of the keys of side tables.
  private var keys: [Int] = []

  /// Throws `DataError` when a row has more bytes than an integer holds.
  ///
  /// - Parameter onlyFeatures: Whether the feeds of labels and weights are left as they are.
  package convenience init(_ schema: DataSchema, onlyFeatures: Bool = true) throws {
    try self.init(schema, onlyFeatures, Shared(RowEncoder(schema, requireLabels: false)))
  }

  private init(_ schema: DataSchema, _ onlyFeatures: Bool, _ shared: Shared) throws {
    self.schema = schema
    self.onlyFeatures = onlyFeatures
    self.shared = shared
    encoder = shared.withLock { $0.replica() }
    layout = encoder.layout
    let columns = encoder.valueColumns
    var seen = Set(columns)
    self.columns =
      columns + schema.joins.map(\.column).filter { seen.insert($0).inserted }
    storage = try FeedStorage(layout, memoryLimit: nil)
    rowBytes = layout.feeds.map { 4 * $0.width }
  }

  /// The values that a column can have, by its place in `columns`.
  package func accepted(_ column: Int) -> ColumnValues.Accepted {
    encoder.accepted(columns[column])
  }

  /// An encoder of the text of a table, for the calling thread.
  func textEncoder() -> RowEncoder { shared.withLock { $0.replica() } }

  /// An encoder of the same columns for another thread. Any thread can call it.
  package func replica() throws -> ValueEncoder { try ValueEncoder(schema, onlyFeatures, shared) }

  /// Encodes some rows, as the first rows of the feeds. Throws `DataError`, in which rows are counted
  /// from 1.
  ///
  /// - Parameters:
  ///   - values: Each column that features need, but for those that side tables hold, in any order.
  ///     To give the same ones in the same order again takes the least time.
  ///   - rows: Those of the values to encode.
  package func encode(
    _ values: UnsafeBufferPointer<ColumnValues>, rows: Range<Int>
  ) throws {
    if !isBound(to: values) { try bind(to: values) }
    guard let block, let encoders else { return }
    try storage.reserve(rows.count)
    try block.fill(values, rows: rows)
    for key in keys { try block.requireCells(key, of: "data.join") }
    if let joined { try shared.withLock { _ in try block.text.join(joined) } }
    try encoders.encode(block, into: storage)
  }

  /// Copies the first rows of the feeds.
  ///
  /// - Parameter destinations: For each feed of the layout where its rows go; nil leaves it out.
  package func copyRows(_ rows: Int, into destinations: [UnsafeMutableRawPointer?]) {
    precondition(destinations.count == rowBytes.count, "one destination for each feed")
    precondition(rows <= storage.capacity, "rows that were encoded")
    for k in rowBytes.indices {
      destinations[k]?.copyMemory(from: storage.feeds[k], byteCount: rows * rowBytes[k])
    }
  }

  private func isBound(to values: UnsafeBufferPointer<ColumnValues>) -> Bool {
    guard block != nil, given.count == values.count else { return false }
    for k in 0..<values.count where given[k] != values[k].column { return false }
    return true
  }

  /// Finds the columns of the encoders among those that are given. Throws `DataError`.
  private func bind(to values: UnsafeBufferPointer<ColumnValues>) throws {
    block = nil
    joined = nil
    keys = []
    given = values.map(\.column)
    for (k, column) in given.enumerated() {
      guard columns.indices.contains(column) else {
        throw DataError("there is no column \(column): the rows have \(columns.count) columns")
      }
      guard !given[..<k].contains(column) else {
        throw DataError("the column \"\(MessageText.printable(columns[column]))\" is given twice")
      }
    }
    let names = given.map { columns[$0] }
    func place(_ name: String, _ purpose: String) throws -> Int {
      if let place = names.firstIndex(of: name) { return place }
      throw DataError(
        "the column \"\(MessageText.printable(name))\" of \(purpose) is not given",
        hint: "a column without values is given as missing")
    }
    if !schema.joins.isEmpty, !Set(encoder.valueColumns).isSubset(of: names) {
      let tables = try shared.withLock { try $0.readSideTables() }
      let all = try JoinedColumns(
        tables, own: names, missing: schema.format.missing.first ?? "", column: place)
      joined = all
      keys = names.indices.filter { k in schema.joins.contains { $0.column == names[k] } }
      try encoder.bind { name, purpose in
        guard let place = all.names.firstIndex(of: name) else { return try place(name, purpose) }
        all.use(place)
        return place
      }
    } else {
      try encoder.bind(place)
    }
    encoders = encoder.valueColumns(onlyFeatures: onlyFeatures)
    block = ValueBlock(
      names.enumerated().map { encoder.layout($1, at: $0) }, format: schema.format, path: "rows")
  }
}
