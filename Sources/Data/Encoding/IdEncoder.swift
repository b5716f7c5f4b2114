import CKernels
import Schema

/// Encodes a column with one id a cell into its column of the `ids` feed.
final class IdEncoder: ColumnEncoder {
  @exclusivity(unchecked) var source: SourceColumn
  let coder: IdCoder
  let output: FeedColumn
  /// Ids of rows of a feed of bytes that fit none. When there are some, the feed must be widened.
  private(set) var wideIds: [(row: Int, id: Int32)] = []
  /// What the kernel is given to look texts up.
  let arguments: UnsafeMutablePointer<mtlc_text_tokens_args>

  init(column: String, purpose: String, missing: [String], coder: IdCoder, output: FeedColumn) {
    self.coder = coder
    self.output = output
    arguments = .allocate(capacity: 1)
    arguments.initialize(to: mtlc_text_tokens_args())
    source = SourceColumn(column, purpose: purpose, missing: missing)
  }

  deinit { arguments.deallocate() }

  var accepted: ColumnValues.Accepted {
    if case .identity = coder.coding { return .init(cells: [.numbers, .integers, .texts]) }
    return .init()
  }

  /// Sets up what the kernel's arguments are for all rows in memory; false where no fixed vocabulary makes
  /// the ids. Fields and cells are set for each call.
  func prepareTokens() -> Bool {
    guard case .vocabulary(let vocabulary) = coder.coding, !vocabulary.learns else { return false }
    arguments.pointee = vocabulary.arguments(stride: output.width)
    return true
  }

  func encode(
    _ values: ValueBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    guard let given = values.values(index), case .numbers(let numbers) = given.values,
      given.lists == nil
    else {
      try values.requireCells(index, of: source.purpose)
      return try encode(values.text, rows: rows, into: storage, at: row)
    }
    guard case .identity(let count) = coder.coding else {
      throw values.refusal(index, of: source.purpose, needs: "texts or integers, its ids' names")
    }
    let cells = output.ids(storage, row: row)
    for row in rows {
      var id: Int32 = 0
      if !source.isMissing(given, row, numbers[row]) {
        do {
          id = try IdCoder.integer(numbers[row], count) ?? 0
        } catch {
          throw DataError(
            "\(numbers[row]) in column \"\(shownColumn)\" is not an integer id",
            at: values.text.place(row: row, column: index))
        }
      }
      let fits = cells.store(id, at: (row - rows.lowerBound) * output.width)
      assert(fits, "the ids of values are no bytes")
    }
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    let cells = output.ids(storage, row: row)
    let bad = coder.codeColumn(
      block.records, column: index, rows: rows, into: cells, stride: output.width
    ) { wideIds.append((row + $0 - rows.lowerBound, $1)) }
    if let (row, refusal) = bad { throw idError(block, row, refusal) }
  }

  func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws -> mtlc_text_column? {
    guard case .vocabulary(let vocabulary) = coder.coding else { return nil }
    let cells = output.ids(storage, row: row)
    guard vocabulary.fits(cells) else { return nil }
    arguments.pointee = vocabulary.arguments(
      block.records, column: index, rows: rows, into: cells, stride: output.width)
    return mtlc_text_column(tokens: arguments, numbers: nil, row: 0)
  }

  func complete(
    _ block: TextBlock, rows: Range<Int>, from first: Int, into storage: FeedStorage, at row: Int
  ) throws {
    let invalid = coder.complete(
      &arguments.pointee, block.records, column: index, rows: rows, from: first,
      into: output.ids(storage, row: row), stride: output.width
    ) { wideIds.append((row + $0 - rows.lowerBound, $1)) }
    if let invalid { throw encodingError(block, invalid) }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    do { try coder.verify(block.records.field(row, index)) } catch {
      throw idError(block, row, error)
    }
  }

  /// How a kernel replaces the provisional ids of a lane's rows.
  func finalIds(lane: Int, output storage: FeedStorage) -> mtlc_text_settling? {
    coder.finalIds(output.ids(storage, row: 0), width: 1, stride: output.width, lane: lane)
  }

  /// Writes the ids that did not fit, in a feed that was widened.
  func writeWideIds(to storage: FeedStorage) {
    for (row, id) in wideIds {
      output.pointer(storage, row: row, as: Int32.self).pointee = id
    }
    wideIds.removeAll()
  }
}

extension ColumnEncoder {
  /// The error of a cell with a text that has no id.
  func idError(_ block: TextBlock, _ row: Int, _ refusal: IdCoder.Refusal) -> DataError {
    if case .noUTF8 = refusal { return encodingError(block, row) }
    let field = block.records.field(row, index)
    return block.fieldError(
      row: row, column: index, { "\"\($0)\" in column \"\(shownColumn)\" is not an integer id" },
      hint: UsualMarkers.contains(field)
        ? UsualMarkers.hint(excerpt(field))
        : "use hash_bucket_size or a vocabulary for ids that are text")
  }
}
