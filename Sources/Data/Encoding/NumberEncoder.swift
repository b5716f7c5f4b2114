import CKernels
import Foundation
import Schema

/// Encodes a column of numbers: normalised into the `numeric` feed, or cut into bucket ids.
final class NumberEncoder: ColumnEncoder {
  enum Target {
    case normalized(Normalizer)
    case buckets([Double])
    /// Keep all values, fit when they are complete, encode them then.
    case fitNormalizer(NormalizerKind)
    case fitQuantiles(Int)

    var needsAllValues: Bool {
      switch self {
      case .normalized, .buckets, .fitNormalizer(.none): false
      case .fitNormalizer, .fitQuantiles: true
      }
    }
  }

  private(set) var target: Target
  /// Whether rows were written as they are, NaN where missing, because only that is to be learned.
  private var patchesMissing = false
  private let output: FeedColumn
  private let collects: Bool
  /// All values while fitting.
  private let kept: KeptNumbers
  /// Where those of row 0 are, unless they are in their cells. Threads that asked `kept` for each
  /// block would spend time on counting references to it.
  private var keptValues: UnsafeMutablePointer<Double>?
  /// The values of one block that are not kept as they are, NaN where missing.
  private var scratch: UnsafeMutablePointer<Double>?
  private var scratchCapacity = 0
  private let reader: NumberColumn

  /// Bytes that a row can take beside the feeds while fitting.
  static let fittingRowBytes = 8

  /// - Parameter twin: the encoder of the same column on another thread.
  init(
    column: String, purpose: String, missing: [String], target: Target, output: FeedColumn,
    twin: NumberEncoder? = nil
  ) {
    self.target = target
    self.output = output
    collects = target.needsAllValues
    var fitsCells = false
    if case .fitNormalizer = target { fitsCells = collects }
    kept = twin?.kept ?? KeptNumbers(areInCells: fitsCells)
    reader = NumberColumn(missing: missing)
    super.init(column: column, purpose: purpose, missing: missing)
  }

  deinit { free(scratch) }

  override func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    _ = try kernelColumn(block, rows: rows, into: storage, at: row)
    try complete(block, rows: rows, from: rows.lowerBound, into: storage, at: row)
  }

  override func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws -> mtlc_text_column? {
    guard let values = try place(rows.count, at: row, storage) else { return nil }
    reader.prepare(block.records, column: index, rows: rows, into: values)
    return mtlc_text_column(tokens: nil, numbers: reader.arguments, row: 0)
  }

  override func complete(
    _ block: TextBlock, rows: Range<Int>, from first: Int, into storage: FeedStorage, at row: Int
  ) throws {
    try reader.read(rows, from: first) { try parseSlowly(block, $0) }
    let numbers = UnsafePointer(reader.arguments.pointee.values + rows.lowerBound)
    // The sums depend on how many are added at a time.
    for start in stride(from: 0, to: rows.count, by: RowEncoder.tileRows) {
      addUp(
        UnsafeBufferPointer(
          start: numbers + start, count: min(RowEncoder.tileRows, rows.count - start)))
    }
    if !collects {
      write(numbers, count: rows.count, to: storage, at: row)
    } else if keptValues == nil {
      let cells = output.pointer(storage, row: row, as: Float.self)
      if mtlc_text_keep(numbers, Int64(rows.count), cells, Int64(output.width)) == 0 {
        oddNumbers.append((row, Array(UnsafeBufferPointer(start: numbers, count: rows.count))))
      }
    }
  }

  /// From the first number on that is no float, all are kept as doubles.
  override func keepOddNumbers(rows: Int, in storage: FeedStorage) throws {
    guard collects, kept.areInCells else { return }
    kept.areInCells = false
    try kept.reserve(max(rows, storage.capacity))
    if let values = kept.values { load(0..<rows, from: storage, into: values) }
  }

  override func writeOddNumbers() {
    for (row, numbers) in oddNumbers {
      guard let values = kept.values else { continue }
      (values + row).update(from: numbers, count: numbers.count)
    }
    oddNumbers.removeAll()
  }

  override func reserve(_ storage: FeedStorage) throws {
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

  override func verify(_ block: TextBlock, _ row: Int) throws { _ = try parseSlowly(block, row) }

  override func fit(rowCount: Int, storage: FeedStorage) throws {
    keptValues = kept.values
    switch target {
    case .normalized, .buckets: return
    case .fitNormalizer(.none):
      patchesMissing = statistics.missing > 0
      let mean = statistics.count > 0 ? statistics.mean : 0
      target = .normalized(Normalizer(missing: Normalizer().apply(mean)))
    case .fitNormalizer(let kind):
      let normalizer = try Normalizer.fit(kind, rowCount: rowCount, purpose: purpose) {
        rows, part in
        if kept.areInCells {
          load(rows, from: storage, into: part)
        } else if let values = kept.values {
          part.update(from: values + rows.lowerBound, count: rows.count)
        }
      }
      target = .normalized(normalizer)
    case .fitQuantiles(let count):
      let all = UnsafeBufferPointer(start: kept.values, count: rowCount)
      target = .buckets(quantileBoundaries(all, buckets: count))
    }
  }

  override func scaling() -> (output: FeedColumn, normalizer: Normalizer)? {
    guard case .normalized(let normalizer) = target else { return nil }
    // Those that are to be patched are scaled already.
    if patchesMissing { return (output, Normalizer(missing: normalizer.missing)) }
    return collects && kept.areInCells && !normalizer.logarithm ? (output, normalizer) : nil
  }

  override var settles: Bool { collects && scaling() == nil }

  override func settle(rows: Range<Int>, output storage: FeedStorage) {
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

  override var largestId: Int {
    switch target {
    case .buckets(let boundaries): boundaries.count + 1
    case .fitQuantiles(let count): count
    case .normalized, .fitNormalizer: 0
    }
  }

  override func finish(zeros: Int) throws {
    guard collects else { return }
    kept.drop()
    keptValues = nil
  }

  @inline(never)
  private func parseSlowly(_ block: TextBlock, _ row: Int) throws -> Double {
    let field = block.records.field(row, index)
    if missing.contains(field) { return .nan }
    if let start = field.baseAddress,
      case .finite(let value) = parseNumber(start, start + field.count)
    {
      return value
    }
    throw numberError(block, row)
  }

  private func write(
    _ numbers: UnsafePointer<Double>, count: Int, to storage: FeedStorage, at row: Int
  ) {
    switch target {
    case .fitNormalizer(.none):
      writeScaled(numbers, by: Normalizer(missing: .nan), count: count, to: storage, at: row)
    case .fitNormalizer, .fitQuantiles: return
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
    guard normalizer.logarithm else {
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

  /// Where the numbers of `count` rows from `row` on are read to.
  private func place(
    _ count: Int, at row: Int, _ storage: FeedStorage
  ) throws -> UnsafeMutablePointer<Double>? {
    if let keptValues { return keptValues + row }
    if count > scratchCapacity {
      let capacity = count + count / 4
      scratch = try FeedStorage.resized(scratch, to: capacity * MemoryLayout<Double>.stride)
        .assumingMemoryBound(to: Double.self)
      scratchCapacity = capacity
    }
    return scratch
  }
}

extension ColumnEncoder {
  /// The error of a cell that should hold a number.
  final func numberError(_ block: TextBlock, _ row: Int) -> DataError {
    let text = excerpt(block.records.field(row, index))
    return block.fieldError(
      row: row, column: index,
      { _ in "\"\(text)\" in column \"\(column)\" is not a finite number" },
      hint: text.isEmpty || text.count < 12
        ? "if it means \"no value\", add \"\(text)\" to data.missing" : nil)
  }
}

extension Normalizer {
  /// The scaled value of a number; NaN stands for a missing one.
  @inline(__always)
  package func apply(_ number: Double) -> Float {
    if number.isNaN { return missing }
    let x = logarithm ? Self.signedLog(number) : number
    let scaled = Float((x - offset) * scale)
    // Beyond the range of a float the nearest one is kept, so that no infinity enters a model.
    return scaled.isFinite ? scaled : (scaled > 0 ? 1 : -1) * Float.greatestFiniteMagnitude
  }

  @inline(__always)
  package static func signedLog(_ x: Double) -> Double {
    // Counts and amounts are mostly 0.
    x == 0 ? 0 : x < 0 ? -log1p(-x) : log1p(x)
  }
}

/// The bucket id of a number: 0 for a missing one (NaN), else 1 + the number of boundaries ≤ v.
@inline(__always)
func bucket(of value: Double, _ boundaries: UnsafeBufferPointer<Double>) -> Int32 {
  if value.isNaN { return 0 }
  var low = 0
  var high = boundaries.count
  while low < high {
    let middle = (low &+ high) &>> 1
    if boundaries[middle] <= value { low = middle &+ 1 } else { high = middle }
  }
  return Int32(truncatingIfNeeded: low &+ 1)
}
