import Schema

/// Rows whose columns are values in memory, as encoders read them: texts and integers as the fields of
/// a block of text, each a copy with the padding that kernels need, numbers where the caller has them.
final class ValueBlock {
  /// How a column of values becomes the fields of a block.
  struct Column {
    var name: String
    /// The text of a field without a value.
    var missing: [UInt8]
    /// Whether an encoder reads integers as text.
    var needsText: Bool
  }

  let text: TextBlock
  private let layout: [Column]
  private let trims: Bool
  private(set) var rowCount = 0
  /// The values of the present rows, for each column of the layout. Like the other buffers it is no array:
  /// of a row alone, the checks of arrays in objects would take longer than its values.
  private let columns: UnsafeMutableBufferPointer<ColumnValues>
  private var bounds = UnsafeMutableBufferPointer<FieldBounds>.allocate(capacity: 0)
  /// The texts of all lists, one behind the other, and by column the place of the first.
  private var items = UnsafeMutableBufferPointer<FieldBounds>.allocate(capacity: 0)
  private var itemCount = 0
  private var firstItems: [Int]
  /// Bits that some byte of the present texts has.
  private var bits: UInt8 = 0

  /// Stands between the items of a list, for messages.
  private static let comma = [UInt8(ascii: ",")]
  /// The most bytes of text in a block, so that all positions fit 32 bits.
  private static let mostBytes = 1 << 30

  /// - Parameter path: What messages call the rows.
  init(_ layout: [Column], format: TableFormat, path: String) {
    self.layout = layout
    trims = format.trimsSpaces
    text = TextBlock(path: path, format: format, capacity: 1 << 12)
    firstItems = Array(repeating: 0, count: layout.count)
    columns = .allocate(capacity: layout.count)
    columns.initialize(repeating: ColumnValues(column: 0, values: .missing, count: 0))
  }

  deinit {
    columns.deallocate()
    bounds.deallocate()
    items.deallocate()
  }

  /// The values of a column; nil for one of a side table, whose fields are text.
  @inline(__always)
  func values(_ column: Int) -> ColumnValues? {
    column >= 0 && column < columns.count ? columns[column] : nil
  }

  /// Whether a column holds the text of cells, as one of a side table does.
  @inline(__always)
  func areCells(_ column: Int) -> Bool {
    guard column >= 0, column < columns.count else { return true }
    return columns[column].areCells
  }

  /// Takes over some rows. Throws `DataError`.
  ///
  /// - Parameters:
  ///   - values: Parallel to the layout.
  ///   - rows: Those to take.
  func fill(_ values: UnsafeBufferPointer<ColumnValues>, rows: Range<Int>) throws {
    precondition(values.count == columns.count, "a value for each column")
    rowCount = rows.count
    text.length = 0
    bits = 0
    itemCount = 0
    let width = columns.count
    if bounds.count < rowCount * width {
      bounds.deallocate()
      bounds = .allocate(capacity: rowCount * width)
    }
    guard let fields = bounds.baseAddress else { return }
    for column in 0..<width {
      let given = values[column].dropping(rows.lowerBound)
      columns[column] = given
      if given.lists != nil {
        try fillLists(given, column, fields + column, stride: width, first: rows.lowerBound)
      } else {
        try fillCells(given, column, fields + column, stride: width)
      }
    }
    text.setRecords(
      UnsafePointer(fields), rowCount: rowCount, columnCount: width,
      firstLine: rows.lowerBound + 1, isASCII: bits < 0x80)
  }

  private func fillCells(
    _ given: ColumnValues, _ column: Int, _ fields: UnsafeMutablePointer<FieldBounds>, stride: Int
  ) throws {
    switch given.values {
    case .missing:
      for row in 0..<rowCount { fields[row * stride] = try appendMissing(column) }
    case .numbers:
      try fill(fields, stride, column, given.isMissing) { _ in FieldBounds(start: 0, end: 0) }
    case .integers(let integers):
      let needsText = layout[column].needsText
      try fill(fields, stride, column, given.isMissing) { row in
        needsText ? try append(integers[row]) : FieldBounds(start: 0, end: 0)
      }
    case .texts(let texts, let lengths):
      try fill(fields, stride, column, given.isMissing) { row in
        guard let start = texts[row] else { return try appendMissing(column) }
        return try append(start, lengths?[row], trims: trims)
      }
    }
  }

  /// Sets the fields of a column to what `field` makes of those rows that have a value.
  @inline(__always)
  private func fill(
    _ fields: UnsafeMutablePointer<FieldBounds>, _ stride: Int, _ column: Int,
    _ isMissing: UnsafePointer<UInt8>?, with field: (_ row: Int) throws -> FieldBounds
  ) throws {
    for row in 0..<rowCount {
      fields[row * stride] =
        isMissing?[row] ?? 0 != 0 ? try appendMissing(column) : try field(row)
    }
  }

  private func fillLists(
    _ given: ColumnValues, _ column: Int, _ fields: UnsafeMutablePointer<FieldBounds>, stride: Int,
    first: Int
  ) throws {
    guard let offsets = given.lists?.offsets else { return }
    firstItems[column] = itemCount
    var isText = layout[column].needsText
    if case .texts = given.values { isText = true }
    if case .numbers = given.values { isText = false }
    for row in 0..<rowCount {
      let (start, end) = (offsets[row], offsets[row + 1])
      guard start >= 0, start <= end, end <= given.count else {
        throw DataError(
          "the offsets \(start) and \(end) of the list in column \"\(shown(column))\" do not rise"
            + " from 0 to its \(given.count) values", at: place(first + row))
      }
      let begin = UInt32(truncatingIfNeeded: text.length)
      if isText {
        for k in start..<end {
          if k > start { try Self.comma.withUnsafeBufferPointer { _ = try append($0) } }
          addItem(try item(given.values, k))
        }
      }
      fields[row * stride] = FieldBounds(
        start: begin, end: UInt32(truncatingIfNeeded: text.length))
    }
  }

  private func item(_ values: ColumnValues.Values, _ k: Int) throws -> FieldBounds {
    switch values {
    case .integers(let integers): return try append(integers[k])
    case .texts(let texts, let lengths):
      if let start = texts[k] { return try append(start, lengths?[k], trims: false) }
    case .missing, .numbers: break
    }
    return FieldBounds(start: 0, end: 0)
  }

  private func addItem(_ item: FieldBounds) {
    if itemCount == items.count {
      let larger = UnsafeMutableBufferPointer<FieldBounds>.allocate(
        capacity: max(64, 2 * itemCount))
      for k in 0..<itemCount { larger[k] = items[k] }
      items.deallocate()
      items = larger
    }
    items[itemCount] = item
    itemCount += 1
  }

  /// The place of item `k` of a column's values in the block's buffer; an empty one has no text.
  func item(_ column: Int, _ k: Int) -> Range<Int> {
    let first = columns[column].lists?.offsets[0] ?? 0
    let field = items[firstItems[column] + k - first]
    return Int(field.start)..<Int(field.end)
  }

  // MARK: Text

  private func append(
    _ start: UnsafePointer<CChar>, _ length: Int?, trims: Bool
  ) throws -> FieldBounds {
    var count = length ?? strlen(start)
    guard count >= 0 else { throw DataError("a text has a length that is negative") }
    return try start.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
      var first = 0
      if trims {
        while first < count, isSpace(bytes[first]) { first += 1 }
        while count > first, isSpace(bytes[count - 1]) { count -= 1 }
      }
      return try append(UnsafeBufferPointer(start: bytes + first, count: count - first))
    }
  }

  private func appendMissing(_ column: Int) throws -> FieldBounds {
    try layout[column].missing.withUnsafeBufferPointer { try append($0) }
  }

  /// Appends the decimal digits of an integer.
  private func append(_ integer: Int64) throws -> FieldBounds {
    try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var place = digits.count
      var rest = integer.magnitude
      repeat {
        place -= 1
        digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      if integer < 0 {
        place -= 1
        digits[place] = UInt8(ascii: "-")
      }
      return try append(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[place...]))
    }
  }

  @inline(__always)
  private func append(_ bytes: UnsafeBufferPointer<UInt8>) throws -> FieldBounds {
    let place = text.length
    guard bytes.count <= Self.mostBytes - place else { throw tooLong() }
    text.grow(to: place + bytes.count)
    let target = text.buffer + place
    var bits: UInt8 = 0
    for k in 0..<bytes.count {
      target[k] = bytes[k]
      bits |= bytes[k]
    }
    self.bits |= bits
    text.length = place + bytes.count
    return FieldBounds(
      start: UInt32(truncatingIfNeeded: place),
      end: UInt32(truncatingIfNeeded: place + bytes.count))
  }

  // MARK: Messages

  @inline(never)
  private func tooLong() -> DataError {
    DataError(
      "the texts of \(rowCount) rows take more than \(Self.mostBytes >> 20) MiB",
      hint: "predict fewer rows at a time")
  }

  private func shown(_ column: Int) -> String { MessageText.printable(layout[column].name) }

  /// Where a row stands that is counted from 0.
  private func place(_ row: Int) -> DataError.Place { .init(file: text.path, line: row + 1) }

  /// Throws `DataError` where a column does not hold the text of cells.
  @inline(__always)
  func requireCells(_ source: Int, of purpose: @autoclosure () -> String) throws {
    guard !areCells(source) else { return }
    let purpose = purpose()
    throw refusal(source, of: purpose, needs: "one text or integer a row")
  }

  /// The error of a column that holds other values than an encoder reads.
  func refusal(_ source: Int, of purpose: String, needs wanted: String) -> DataError {
    let given = values(source)
    let found =
      switch given?.values {
      case .numbers: "numbers"
      case .integers: "integers"
      case .texts, .missing, nil: "texts"
      }
    let lists = given?.lists == nil ? "" : "lists of "
    return DataError(
      "the column \"\(shown(source))\" of \(purpose) was given as \(lists)\(found), and needs"
        + " \(wanted)")
  }
}
