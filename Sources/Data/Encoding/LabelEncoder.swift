import Schema

/// Encodes a label column into its columns of `labels` and `label_mask`. Without the column, or in
/// a cell that is empty or a missing marker, label and mask are 0.
final class LabelEncoder: ColumnEncoder {
  let label: LabelSchema
  private let texts: TextList
  private let output: FeedColumn
  private let mask: FeedColumn
  private(set) var statistics = NumberStatistics()
  private(set) var positives = 0
  private var scratch: [Double] = []

  init(
    _ label: LabelSchema, isOptional: Bool, missing: [String], output: FeedColumn, mask: FeedColumn
  ) {
    self.label = label
    self.output = output
    self.mask = mask
    switch label.kind {
    case .positives(let texts), .classes(let texts): self.texts = TextList(texts)
    case .binary, .number: texts = TextList([])
    }
    super.init(
      column: label.column, purpose: "task \"\(label.task)\"", isOptional: isOptional,
      missing: missing)
  }

  override func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    var value = output.pointer(storage, row: row, as: Float.self)
    var present = mask.pointer(storage, row: row, as: Float.self)
    scratch.removeAll(keepingCapacity: true)
    for row in rows {
      var number = Double.nan
      if index >= 0 { number = try read(block, row) }
      scratch.append(number)
      value.pointee = number.isNaN ? 0 : Float(number)
      present.pointee = number.isNaN ? 0 : 1
      value += output.width
      present += mask.width
    }
    scratch.withUnsafeBufferPointer { statistics.add($0) }
    if case .number = label.kind { return }
    positives += scratch.count { $0 > 0 }
  }

  override func verify(_ block: TextBlock, _ row: Int) throws {
    if index >= 0 { _ = try read(block, row) }
  }

  /// The label of a row, NaN when it is missing.
  private func read(_ block: TextBlock, _ row: Int) throws -> Double {
    let field = block.records.field(row, index)
    switch label.kind {
    case .positives:
      if texts.contains(field) { return 1 }
      return field.isEmpty || missing.contains(field) ? .nan : 0
    case .classes(let names):
      if let place = texts.index(of: field) { return Double(place) }
      if field.isEmpty || missing.contains(field) { return .nan }
      let nearest = nearestName(to: excerpt(field), among: names)
      throw block.fieldError(
        row: row, column: index, { "\"\($0)\" in column \"\(column)\" is none of the classes" },
        hint: nearest.map { "did you mean \"\($0)\"?" })
    case .binary:
      if field.isEmpty || missing.contains(field) { return .nan }
      if let start = field.baseAddress,
        case .finite(let number) = parseNumber(start, start + field.count),
        number == 0 || number == 1
      {
        return number
      }
      throw block.fieldError(
        row: row, column: index,
        { "the label \"\($0)\" in column \"\(column)\" is neither 0 nor 1" },
        hint: "list the texts that mean 1 in the task's \"positive\"")
    case .number:
      if field.isEmpty || missing.contains(field) { return .nan }
      if let start = field.baseAddress,
        case .finite(let number) = parseNumber(start, start + field.count), Float(number).isFinite
      {
        return number
      }
      throw numberError(block, row)
    }
  }
}
