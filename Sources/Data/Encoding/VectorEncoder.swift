import Schema

/// Reads the numbers of a cell into neighbouring columns of the `numeric` feed; zeros where it is missing.
final class VectorEncoder: ColumnEncoder, SummingEncoder {
  var source: SourceColumn
  /// What all numbers of the column are, as far as they were added up.
  let sums = NumberSums()
  let layout: VectorLayout
  private let output: FeedColumn
  private let reading: NumberReading
  private let list: ListItems
  private var items: [Range<Int>] = []
  private var numbers: [Double] = []
  private(set) var cells = 0
  private(set) var missingCells = 0

  init(
    column: String, purpose: String, missing: [String], reading: NumberReading,
    layout: VectorLayout, output: FeedColumn
  ) {
    self.layout = layout
    self.reading = reading
    self.output = output
    list = ListItems(separator: layout.separator, brackets: layout.brackets)
    source = SourceColumn(column, purpose: purpose, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    var cell = output.pointer(storage, row: row, as: Float.self)
    numbers.removeAll(keepingCapacity: true)
    for row in rows {
      let isThere = try read(block, row)
      for k in 0..<layout.dim {
        cell[k] = isThere ? Float(numbers[numbers.count - layout.dim + k]) : 0
      }
      missingCells += isThere ? 0 : 1
      cell += output.width
    }
    cells += rows.count
    numbers.withUnsafeBufferPointer { sums.add($0) }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    numbers.removeAll(keepingCapacity: true)
    _ = try read(block, row)
  }

  /// Adds the counts of the encoder of the same column on another thread.
  func absorb(_ replica: VectorEncoder) {
    cells += replica.cells
    missingCells += replica.missingCells
  }

  /// Appends the numbers of a cell. False where it is missing.
  private func read(_ block: TextBlock, _ row: Int) throws -> Bool {
    let field = block.records.field(row, index)
    if source.missing.contains(field) { return false }
    list.find(field, into: &items)
    guard items.count == layout.dim else {
      throw block.fieldError(
        row: row, column: index,
        {
          "\"\($0)\" in column \"\(shownColumn)\" holds \(items.count) numbers, and \(source.purpose)"
            + " needs \(layout.dim)"
        },
        hint: items.count == 1
          ? "is the separator right?" : "set its dim, or data.missing for cells without a vector")
    }
    for item in items {
      let text = UnsafeBufferPointer(rebasing: field[item])
      guard case .finite(let number) = reading.number(text), Float(number).isFinite else {
        throw block.fieldError(
          row: row, column: index,
          {
            "\"\(excerpt(text))\" in \"\($0)\" of column \"\(shownColumn)\" is not a finite number"
          }, hint: NumberText.hint(excerpt(text)))
      }
      numbers.append(number)
    }
    return true
  }

  // MARK: Values in memory

  var readsIntegers: Bool { true }
  var accepted: ColumnValues.Accepted { .init(cells: .texts, lists: [.numbers, .integers]) }

  /// A vector is the text of a cell or a list of numbers; a list without any is a missing cell.
  func encode(
    _ values: ValueBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    guard let given = values.values(index), let lists = given.lists else {
      if case .integers = values.values(index)?.values {
        throw values.refusal(index, of: source.purpose, needs: "lists of \(layout.dim) numbers")
      }
      try values.requireCells(index, of: source.purpose)
      return try encode(values.text, rows: rows, into: storage, at: row)
    }
    var cell = output.pointer(storage, row: row, as: Float.self)
    for row in rows {
      let (start, end) = (lists.offsets[row], lists.offsets[row + 1])
      if start == end || given.isMissing?[row] ?? 0 != 0 {
        for k in 0..<layout.dim { cell[k] = 0 }
      } else {
        guard end - start == layout.dim else {
          throw DataError(
            "the list in column \"\(shownColumn)\" holds \(end - start) numbers, and"
              + " \(source.purpose) needs \(layout.dim)",
            at: values.text.place(row: row, column: index))
        }
        for k in 0..<layout.dim { cell[k] = try number(given.values, start + k, values, row) }
      }
      cell += output.width
    }
  }

  private func number(
    _ given: ColumnValues.Values, _ k: Int, _ values: ValueBlock, _ row: Int
  ) throws -> Float {
    let number: Double
    switch given {
    case .numbers(let numbers): number = numbers[k]
    case .integers(let integers): number = Double(integers[k])
    case .missing, .texts:
      throw values.refusal(index, of: source.purpose, needs: "lists of \(layout.dim) numbers")
    }
    guard Float(number).isFinite else {
      throw DataError(
        "\(number) in the list of column \"\(shownColumn)\" is not a finite number",
        at: values.text.place(row: row, column: index))
    }
    return Float(number)
  }
}
