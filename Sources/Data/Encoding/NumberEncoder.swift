import CKernels
import Schema

/// Encodes a column of numbers: normalised into the `numeric` feed, or cut into bucket ids.
final class NumberEncoder: ColumnEncoder, SummingEncoder {
  enum Target {
    case normalized(Normalizer)
    case buckets([Double])
    /// Keep all values, and encode them when they are complete and fitted.
    case fitNormalizer(NormalizerKind)
    case fitBins(Int, pointMasses: Bool)
    case fitQuantiles(Int)

    /// Whether the feature is a bucket's id, and not a number.
    var givesIds: Bool {
      switch self {
      case .buckets, .fitQuantiles: true
      case .normalized, .fitNormalizer, .fitBins: false
      }
    }

    /// Whether all values must be kept until they are fitted.
    var needsAllValues: Bool {
      switch self {
      case .normalized, .buckets, .fitNormalizer(.none): false
      case .fitNormalizer, .fitBins, .fitQuantiles: true
      }
    }
  }

  @exclusivity(unchecked) var source: SourceColumn
  /// What the numbers of the column are, as far as they were added up.
  let sums = NumberSums()
  @exclusivity(unchecked) private var target: Target
  /// Whether rows were written unscaled, NaN where missing, because only what replaces a missing
  /// value is learned.
  private var patchesMissing = false
  private let output: FeedColumn
  private let collects: Bool
  /// All values while fitting.
  private let kept: KeptNumbers
  /// Numbers that cannot be kept as those before them: where they start, NaN where missing. The form
  /// in which numbers are kept must change, for the encoders of all threads.
  private(set) var unrepresentable: [(row: Int, values: [Double])] = []
  /// The kept value of row 0, unless values are kept in their cells. A copy of `kept.values`:
  /// threads that read it there for each block would spend time on counting references.
  private var keptValues: UnsafeMutablePointer<Double>?
  /// The values of one block that are not kept as they are, NaN where missing.
  private var scratch: UnsafeMutablePointer<Double>?
  private var scratchCapacity = 0
  private let reader: NumberColumn

  /// Bytes that a row can take beside the feeds while fitting.
  static let fittingRowBytes = 8

  /// - Parameter kept: shared by the encoders of this column on all threads.
  init(
    column: String, purpose: String, missing: [String], reading: NumberReading, target: Target,
    kept: KeptNumbers, output: FeedColumn
  ) {
    self.target = target
    self.kept = kept
    self.output = output
    collects = target.needsAllValues
    reader = NumberColumn(missing: missing, reading)
    source = SourceColumn(column, purpose: purpose, missing: missing)
  }

  deinit { free(scratch) }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    _ = try prepare(block, rows, storage, at: row)
    try complete(block, rows: rows, from: rows.lowerBound, into: storage, at: row)
  }

  func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws -> mtlc_text_column? {
    guard reader.reading.isPlain else { return nil }
    return try prepare(block, rows, storage, at: row)
  }

  private func prepare(
    _ block: TextBlock, _ rows: Range<Int>, _ storage: FeedStorage, at row: Int
  ) throws -> mtlc_text_column? {
    guard let values = try place(rows.count, at: row, storage) else { return nil }
    reader.prepare(block.records, column: index, rows: rows, into: values)
    return mtlc_text_column(tokens: nil, numbers: reader.arguments, row: 0)
  }

  func complete(
    _ block: TextBlock, rows: Range<Int>, from first: Int, into storage: FeedStorage, at row: Int
  ) throws {
    try reader.read(rows, from: first) { try parseSlowly(block, $0) }
    let numbers = UnsafePointer(reader.arguments.pointee.values + rows.lowerBound)
    // The sums depend on how many are added at a time.
    for start in stride(from: 0, to: rows.count, by: RowEncoder.tileRows) {
      sums.add(
        UnsafeBufferPointer(
          start: numbers + start, count: min(RowEncoder.tileRows, rows.count - start)))
    }
    if !collects {
      write(numbers, count: rows.count, to: storage, at: row)
    } else if keptValues == nil {
      let cells = output.pointer(storage, row: row, as: Float.self)
      if mtlc_text_keep(numbers, Int64(rows.count), cells, Int64(output.width)) == 0 {
        unrepresentable.append((row, Array(UnsafeBufferPointer(start: numbers, count: rows.count))))
      }
    }
  }

  /// Keeps all numbers as doubles, those of the `rows` rows so far too: some are no floats.
  func keepAsDoubles(rows: Int, in storage: FeedStorage) throws {
    guard collects, kept.areInCells else { return }
    kept.areInCells = false
    try kept.reserve(max(rows, storage.capacity))
    if let values = kept.values { load(0..<rows, from: storage, into: values) }
  }

  /// Adds the numbers that were held back to those that are kept as doubles.
  func writeUnrepresentable() {
    for (row, numbers) in unrepresentable {
      guard let values = kept.values else { continue }
      (values + row).update(from: numbers, count: numbers.count)
    }
    unrepresentable.removeAll()
  }

  /// Makes room for as many kept values as the feeds have room for rows.
  func reserve(_ storage: FeedStorage) throws {
    guard collects, !kept.areInCells else { return }
    try kept.reserve(storage.capacity)
    keptValues = kept.values
  }

  /// The values of some rows that are kept in their cells.
  private func load(
    _ rows: Range<Int>, from storage: FeedStorage, into values: UnsafeMutablePointer<Double>
  ) {
    let cells = output.pointer(storage, row: rows.lowerBound, as: Float.self)
    for k in 0..<rows.count { values[k] = Double(cells[k &* output.width]) }
  }

  func verify(_ block: TextBlock, _ row: Int) throws { _ = try parseSlowly(block, row) }

  /// Learns the normaliser or the boundaries from all rows. Throws `DataError`.
  func fit(rowCount: Int, storage: FeedStorage) throws {
    keptValues = kept.values
    switch target {
    case .normalized, .buckets: return
    case .fitNormalizer(.none):
      patchesMissing = sums.total.missing > 0
      let mean = sums.total.count > 0 ? sums.total.mean : 0
      target = .normalized(Normalizer(missing: Normalizer().apply(mean)))
    case .fitNormalizer(.quantile):
      target = .normalized(
        Normalizer.fit(rowCount: rowCount, NumberCurve.normal) { readKept($0, storage, $1) })
    case .fitNormalizer(let kind):
      let normalizer = try Normalizer.fit(kind, rowCount: rowCount, purpose: source.purpose) {
        readKept($0, storage, $1)
      }
      target = .normalized(normalizer)
    case .fitBins(let count, let pointMasses):
      let curve = pointMasses ? NumberCurve.binsBesideMasses : NumberCurve.bins
      target = .normalized(
        Normalizer.fit(rowCount: rowCount, { curve(count, $0) }) {
          readKept($0, storage, $1)
        })
    case .fitQuantiles(let count):
      let all = UnsafeBufferPointer(start: kept.values, count: rowCount)
      target = .buckets(quantileBoundaries(all, buckets: count))
    }
  }

  private func readKept(
    _ rows: Range<Int>, _ storage: FeedStorage, _ values: UnsafeMutablePointer<Double>
  ) {
    if kept.areInCells {
      load(rows, from: storage, into: values)
    } else if let numbers = kept.values {
      values.update(from: numbers + rows.lowerBound, count: rows.count)
    }
  }

  /// How a kernel scales the cells of rows that were encoded before `fit`; nil when they are final,
  /// or `encodeKept` writes them.
  func scaling() -> (output: FeedColumn, normalizer: Normalizer)? {
    guard case .normalized(let normalizer) = target else { return nil }
    // The numbers are final; only missing ones are replaced.
    if patchesMissing { return (output, Normalizer(missing: normalizer.missing)) }
    return collects && kept.areInCells && normalizer.isLinear ? (output, normalizer) : nil
  }

  /// Whether rows that were encoded before `fit` take `encodeKept`.
  var encodesKept: Bool { collects && scaling() == nil }

  /// Encodes the kept values of some rows, after `fit`.
  func encodeKept(_ rows: Range<Int>, into storage: FeedStorage) {
    if let values = keptValues {
      write(values + rows.lowerBound, count: rows.count, to: storage, at: rows.lowerBound)
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { part in
      guard let numbers = part.baseAddress else { return }
      load(rows, from: storage, into: numbers)
      write(numbers, count: rows.count, to: storage, at: rows.lowerBound)
    }
  }

  /// The largest bucket id; 0 for a normalised number.
  var largestId: Int {
    switch target {
    case .buckets(let boundaries): boundaries.count + 1
    case .fitQuantiles(let count): count
    case .normalized, .fitNormalizer, .fitBins: 0
    }
  }

  /// What was learned, or given; after `fit`.
  var schema: FeatureSchema.Encoder {
    switch target {
    case .normalized(let normalizer): return .numeric(normalizer)
    case .buckets(let boundaries): return .bucketized(boundaries: boundaries)
    case .fitNormalizer, .fitBins, .fitQuantiles: preconditionFailure("the fit is not finished")
    }
  }

  /// Frees the kept values.
  func dropKept() {
    guard collects else { return }
    kept.drop()
    keptValues = nil
  }

  @inline(never)
  private func parseSlowly(_ block: TextBlock, _ row: Int) throws -> Double {
    let field = block.records.field(row, index)
    if source.missing.contains(field) { return .nan }
    if case .finite(let value) = reader.reading.number(field) { return value }
    throw reader.reading.isTime ? timeError(block, row) : numberError(block, row)
  }

  private func write(
    _ numbers: UnsafePointer<Double>, count: Int, to storage: FeedStorage, at row: Int
  ) {
    switch target {
    case .fitNormalizer(.none):
      writeScaled(numbers, by: Normalizer(missing: .nan), count: count, to: storage, at: row)
    case .fitNormalizer, .fitBins, .fitQuantiles: return
    case .normalized(let normalizer):
      writeScaled(numbers, by: normalizer, count: count, to: storage, at: row)
    case .buckets(let boundaries):
      let cells = output.ids(storage, row: row)
      boundaries.withUnsafeBufferPointer { boundaries in
        for k in 0..<count {
          let fits = cells.store(bucket(of: numbers[k], boundaries), at: k &* output.width)
          assert(fits, "a feed of bytes has no larger ids")
        }
      }
    }
  }

  private func writeScaled(
    _ numbers: UnsafePointer<Double>, by normalizer: Normalizer, count: Int,
    to storage: FeedStorage, at row: Int
  ) {
    var cell = output.pointer(storage, row: row, as: Float.self)
    guard !normalizer.isLinear else {
      mtlc_text_normalize(
        numbers, Int64(count), normalizer.offset, normalizer.scale, normalizer.missing, cell,
        Int64(output.width))
      return
    }
    for k in 0..<count {
      cell.pointee = normalizer.apply(numbers[k])
      cell += output.width
    }
  }

  // MARK: Values in memory

  var readsIntegers: Bool { reader.reading.readsNumbers }
  var accepted: ColumnValues.Accepted {
    .init(cells: readsIntegers ? [.numbers, .integers, .texts] : [.integers, .texts])
  }

  func encode(
    _ values: ValueBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    precondition(!collects, "values in memory are encoded by what was fitted")
    guard let given = values.values(index), given.lists == nil,
      let numbers = try place(rows.count, at: row, storage)
    else {
      try values.requireCells(index, of: source.purpose)
      return try encode(values.text, rows: rows, into: storage, at: row)
    }
    switch given.values {
    case .numbers(let source) where reader.reading.readsNumbers:
      for row in rows {
        numbers[row - rows.lowerBound] = try number(source[row], given, row, values.text)
      }
    case .integers(let source) where reader.reading.readsNumbers:
      for row in rows {
        numbers[row - rows.lowerBound] = try number(Double(source[row]), given, row, values.text)
      }
    case .missing, .numbers, .integers, .texts:
      try values.requireCells(index, of: source.purpose)
      return try encode(values.text, rows: rows, into: storage, at: row)
    }
    write(numbers, count: rows.count, to: storage, at: row)
  }

  /// What a cell with this number holds, NaN where it is missing.
  @inline(__always)
  private func number(
    _ value: Double, _ given: ColumnValues, _ row: Int, _ block: TextBlock
  ) throws -> Double {
    if source.isMissing(given, row, value) { return .nan }
    if value.isFinite, let number = reader.reading.number(value) { return number }
    throw DataError(
      "\(value) in column \"\(shownColumn)\" is "
        + (reader.reading.isTime ? "no date or time" : "not a finite number"),
      at: block.place(row: row, column: index))
  }

  /// Where the numbers of `count` rows from `row` on are read to.
  private func place(
    _ count: Int, at row: Int, _ storage: FeedStorage
  ) throws -> UnsafeMutablePointer<Double>? {
    if let keptValues { return keptValues + row }
    if count > scratchCapacity {
      let capacity = count + count / 4
      scratch = try FeedStorage.resized(scratch, from: 8 * scratchCapacity, to: 8 * capacity)
        .assumingMemoryBound(to: Double.self)
      scratchCapacity = capacity
    }
    return scratch
  }
}
