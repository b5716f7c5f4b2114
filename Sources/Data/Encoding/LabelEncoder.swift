import CKernels
import Schema

/// Encodes a label column into its columns of `labels` and `label_mask`. Without the column, or in
/// a cell that is empty or a missing marker, label and mask are 0. Where the task weighs rows, the mask
/// holds their weights before, and a row of weight 0 has no label.
final class LabelEncoder: ColumnEncoder, SummingEncoder {
  var source: SourceColumn
  /// What the labels are, as far as they were added up.
  let sums = NumberSums()
  let label: LabelSchema
  private let weighsRows: Bool
  private let texts: TextList
  private let output: FeedColumn
  private let mask: FeedColumn
  private(set) var positives = 0
  /// How often each of the usual markers occurred that count as other texts.
  private var markers = [Int](repeating: 0, count: UsualMarkers.texts.count)
  /// One number a row of what is encoded at a time.
  private var numbers: [Double] = []
  private var codes: [Int32] = []
  private let reading: Reading

  /// How cells become numbers.
  private enum Reading {
    /// By a table: 0 for other texts, 1 for missing ones, 2 + k for text k, −2 − k for the usual
    /// marker k. With −1 the kernel hands a row back.
    case texts(TokenTable)
    case numbers(NumberColumn)
  }

  init(
    _ label: LabelSchema, isOptional: Bool, missing: [String], marks: NumberMarks,
    output: FeedColumn, mask: FeedColumn
  ) {
    self.label = label
    weighsRows = label.weighsRows
    self.output = output
    self.mask = mask
    switch label.kind {
    case .positives(let texts), .classes(let texts):
      self.texts = TextList(texts)
      let table = TokenTable()
      for (k, text) in texts.enumerated() where table.find(text) < 0 {
        _ = table.add(text, value: 2 + Int32(clamping: k))
      }
      for text in missing + [""] where table.find(text) < 0 { _ = table.add(text, value: 1) }
      if case .positives = label.kind {
        for (k, text) in UsualMarkers.texts.enumerated() where table.find(text) < 0 {
          _ = table.add(text, value: -2 - Int32(clamping: k))
        }
      }
      reading = .texts(table)
    case .binary, .soft:
      texts = TextList([])
      reading = .numbers(NumberColumn(missing: missing + [""]))
    case .number:
      texts = TextList([])
      reading = .numbers(NumberColumn(missing: missing + [""], NumberReading(marks)))
    }
    source = SourceColumn(
      label.column, purpose: "task \"\(label.task)\"", isOptional: isOptional, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at row: Int
  ) throws {
    let count = rows.count
    if numbers.count < count {
      numbers = Array(repeating: 0, count: count)
      codes = Array(repeating: 0, count: count)
    }
    try numbers.withUnsafeMutableBufferPointer { numbers in
      guard let start = numbers.baseAddress else { return }
      if index >= 0 {
        try read(block, rows, into: start)
      } else {
        start.update(repeating: .nan, count: count)
      }
      var value = output.pointer(storage, row: row, as: Float.self)
      var present = mask.pointer(storage, row: row, as: Float.self)
      var positives = 0
      for k in 0..<count {
        let weight = weighsRows ? present.pointee : 1
        if weight == 0 { start[k] = .nan }
        let number = start[k]
        value.pointee = number.isNaN ? 0 : Float(number)
        present.pointee = number.isNaN ? 0 : weight
        positives &+= number > 0 ? 1 : 0
        value += output.width
        present += mask.width
      }
      sums.add(UnsafeBufferPointer(start: start, count: count))
      if case .number = label.kind { return }
      self.positives += positives
    }
  }

  /// The labels of some rows, NaN where missing.
  private func read(
    _ block: TextBlock, _ rows: Range<Int>, into numbers: UnsafeMutablePointer<Double>
  ) throws {
    switch reading {
    case .numbers(let column):
      try column.read(block.records, column: index, rows: rows, into: numbers) {
        try read(block, $0)
      }
      if case .soft = label.kind {
        for k in 0..<rows.count where !(0...1 ~= numbers[k]) && !numbers[k].isNaN {
          numbers[k] = try read(block, rows.lowerBound + k)
        }
        return
      }
      guard case .binary = label.kind else {
        for k in 0..<rows.count where numbers[k].magnitude > Double(Float.greatestFiniteMagnitude) {
          numbers[k] = try read(block, rows.lowerBound + k)
        }
        return
      }
      for k in 0..<rows.count where numbers[k] != 0 && numbers[k] != 1 && !numbers[k].isNaN {
        numbers[k] = try read(block, rows.lowerBound + k)
      }
    case .texts(let table):
      try codes.withUnsafeMutableBufferPointer { codes in
        guard let codes = codes.baseAddress else { return }
        var args = mtlc_text_tokens_args()
        args.fields = block.records.fields(index)
        args.table = table.table
        args.cells = codes - rows.lowerBound
        args.cell_stride = 1
        var isClass = false
        if case .classes = label.kind { isClass = true }
        var row = rows.lowerBound
        while row < rows.upperBound {
          let next = Int(mtlc_text_tokens(&args, Int64(row), Int64(rows.upperBound)))
          for row in row..<next {
            let code = codes[row - rows.lowerBound]
            if code < 0 { markers[Int(-2 - code)] += 1 }
            let number: Double = isClass ? Double(code - 2) : code <= 0 ? 0 : 1
            let isUnknown = code == 0 && (isClass || !block.records.isASCII)
            numbers[row - rows.lowerBound] =
              code == 1 ? .nan : isUnknown ? try read(block, row) : number
          }
          if next < rows.upperBound {
            let number = try read(block, next)
            numbers[next - rows.lowerBound] = number
            if number == 0, !isClass { noteMarker(block.records.field(next, index)) }
          }
          row = next + 1
        }
      }
    }
  }

  /// Adds the counts of the encoder of the same column on another thread.
  func absorb(_ replica: LabelEncoder) {
    positives += replica.positives
    for k in markers.indices { markers[k] += replica.markers[k] }
  }

  private func noteMarker(_ field: UnsafeBufferPointer<UInt8>) {
    guard UsualMarkers.contains(field) else { return }
    let text = String(decoding: field, as: UTF8.self)
    if let place = UsualMarkers.texts.firstIndex(of: text) { markers[place] += 1 }
  }

  /// Texts that count as negative labels and mostly stand for "no value".
  var undeclaredMissing: [TextCount] {
    zip(UsualMarkers.texts, markers).compactMap { $1 > 0 ? TextCount(text: $0, count: $1) : nil }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    if index >= 0 { _ = try read(block, row) }
  }

  /// The label of a row, NaN when it is missing.
  private func read(_ block: TextBlock, _ row: Int) throws -> Double {
    let field = block.records.field(row, index)
    switch label.kind {
    case .positives:
      if texts.contains(field) { return 1 }
      guard TextEncoding.isValid(field) else { throw encodingError(block, row) }
      return field.isEmpty || source.missing.contains(field) ? .nan : 0
    case .classes(let names):
      if let place = texts.index(of: field) { return Double(place) }
      if field.isEmpty || source.missing.contains(field) { return .nan }
      guard TextEncoding.isValid(field) else { throw encodingError(block, row) }
      let nearest = NearestName.nearest(excerpt(field), in: names)
      throw block.fieldError(
        row: row, column: index,
        { "\"\($0)\" in column \"\(shownColumn)\" is none of the classes" },
        hint: UsualMarkers.contains(field)
          ? UsualMarkers.hint(excerpt(field))
          : nearest.map { "did you mean \"\($0)\"?" }
            ?? "the task's \"classes\" must list every text")
    case .binary:
      if field.isEmpty || source.missing.contains(field) { return .nan }
      if let start = field.baseAddress,
        case .finite(let number) = parseNumber(start, start + field.count),
        number == 0 || number == 1
      {
        return number
      }
      throw block.fieldError(
        row: row, column: index,
        { "the label \"\($0)\" in column \"\(shownColumn)\" is neither 0 nor 1" },
        hint: UsualMarkers.contains(field)
          ? UsualMarkers.hint(excerpt(field)) : Self.hint(excerpt(field)))
    case .soft:
      if field.isEmpty || source.missing.contains(field) { return .nan }
      if let start = field.baseAddress,
        case .finite(let number) = parseNumber(start, start + field.count), 0...1 ~= number
      {
        return number
      }
      throw block.fieldError(
        row: row, column: index,
        { "the label \"\($0)\" in column \"\(shownColumn)\" is not a number from 0 to 1" },
        hint: UsualMarkers.contains(field) ? UsualMarkers.hint(excerpt(field)) : nil)
    case .number:
      if field.isEmpty || source.missing.contains(field) { return .nan }
      if case .numbers(let column) = reading,
        case .finite(let number) = column.reading.number(field), Float(number).isFinite
      {
        return number
      }
      throw numberError(block, row)
    }
  }

  /// What to do about a label that is no marker of a missing one.
  private static func hint(_ text: String) -> String {
    let positive = "list the texts that mean 1 in the task's \"positive\""
    guard Double(text) != nil else { return positive }
    if let number = Double(text), 0...1 ~= number {
      return positive
        + "; a probability needs soft: true, a number that is to be predicted loss: \"mse\""
    }
    return positive + "; for a number that is to be predicted as it is, set loss: \"mse\""
  }
}
