import Schema

/// What of `label,… index:value index:value …` lines becomes a table.
struct LibsvmTable {
  /// All pairs of a line as one cell, as this layout separates them.
  static let pairs = "pairs"
  /// The id after `qid:`.
  static let query = "qid"

  var labels: [String]
  /// Label columns that a file may lack, all of them together.
  var optional: Set<String>
  /// The columns of single indices, with the places of the indices among them.
  var indices: [UInt64: Int]
  var indexColumns: [String]
  /// How the pairs are written; nil when nobody reads them.
  var pairs: SequenceLayout?
  var hasQuery: Bool

  var columns: [String] {
    labels + indexColumns + (hasQuery ? [Self.query] : []) + (pairs == nil ? [] : [Self.pairs])
  }
}

/// The bytes of a file of libsvm lines as those of a table: the labels, the values of the indices
/// that are columns (0 where the line does not have them), the query, all pairs.
final class LibsvmSource: LineSource {
  private let table: LibsvmTable
  /// Whether lines begin with labels; known from the first line on.
  private var hasLabels: Bool?
  /// The value of each index column in the present line.
  private var values: [Range<Int>?]
  private static let comma = UInt8(ascii: ",")
  private static let colon = UInt8(ascii: ":")

  /// Throws `DataError`.
  init(_ path: String, table: LibsvmTable, damage: DamageLog?) throws {
    self.table = table
    values = Array(repeating: nil, count: table.indexColumns.count)
    try super.init(path, damage: damage)
  }

  override func convert(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
  ) throws {
    var words = Words(text)
    guard var word = words.next() else { return }
    let begin = output.count
    if try readsLabels(text, word) {
      try putLabels(text, word, into: &output)
      word = words.next() ?? text.count..<text.count
    }
    for k in values.indices { values[k] = nil }
    var pairs: [UInt8] = []
    var query = 0..<0
    while !word.isEmpty {
      guard let colon = text[word].firstIndex(of: Self.colon) else {
        throw malformed(text, word)
      }
      let value = colon + 1..<word.upperBound
      if text[word.lowerBound..<colon].elementsEqual(LibsvmTable.query.utf8) {
        try requireNumber(text, value, word)
        query = value
      } else {
        guard let index = Self.index(text, word.lowerBound..<colon) else {
          throw malformed(text, word)
        }
        try requireNumber(text, value, word)
        if let place = table.indices[index] {
          guard values[place] == nil else {
            throw DataError(
              "the index \(index) occurs twice in the line", at: self.place(word.lowerBound))
          }
          values[place] = value
        }
        if let layout = table.pairs {
          if !pairs.isEmpty { pairs.append(layout.separator) }
          pairs += text[layout.weighted ? word : word.lowerBound..<colon]
        }
      }
      word = words.next() ?? text.count..<text.count
    }
    var isFirst = output.count == begin
    func separate(_ output: inout [UInt8]) {
      if !isFirst { output.append(Self.comma) }
      isFirst = false
    }
    for value in values {
      separate(&output)
      if let value { output += text[value] } else { output.append(UInt8(ascii: "0")) }
    }
    if table.hasQuery {
      separate(&output)
      output += text[query]
    }
    if table.pairs != nil {
      separate(&output)
      output += pairs
    }
  }

  /// Whether the first word of a line holds labels, as in the lines before. Throws when it does not
  /// but should.
  private func readsLabels(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>
  ) throws -> Bool {
    if table.labels.isEmpty { return false }
    let found = !text[word].contains(Self.colon)
    if let hasLabels {
      guard hasLabels == found else {
        throw DataError(
          found ? "the line has labels, those before have none" : "the line has no label",
          at: place(word.lowerBound))
      }
    } else {
      guard found || table.labels.allSatisfy(table.optional.contains) else {
        throw DataError("the line has no label", at: place(word.lowerBound))
      }
      hasLabels = found
    }
    return found
  }

  private func putLabels(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, into output: inout [UInt8]
  ) throws {
    var count = 1
    for byte in text[word] {
      if byte == Self.comma { count += 1 }
      guard byte != UInt8(ascii: "\"") else { throw malformed(text, word) }
    }
    guard count == table.labels.count else {
      throw DataError(
        "the line begins with \(count) labels, data.columns names \(table.labels.count)",
        at: place(word.lowerBound), hint: "several labels have commas between them: 1,0 3:0.5")
    }
    output += text[word]
  }

  private func requireNumber(
    _ text: UnsafeBufferPointer<UInt8>, _ value: Range<Int>, _ word: Range<Int>
  ) throws {
    guard let start = text.baseAddress,
      case .finite = parseNumber(start + value.lowerBound, start + value.upperBound)
    else { throw malformed(text, word) }
  }

  private func malformed(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>
  ) -> DataError {
    let item = excerpt(UnsafeBufferPointer(rebasing: text[word]))
    return DataError(
      "\"\(item)\" is not of the form index:value", at: place(word.lowerBound),
      hint: "an index is a whole number, a value a finite number")
  }

  private static func index(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> UInt64? {
    guard !range.isEmpty, range.count <= 18 else { return nil }
    var index: UInt64 = 0
    for byte in text[range] {
      guard byte &- 48 <= 9 else { return nil }
      index = index * 10 + UInt64(byte - 48)
    }
    return index
  }

  /// The words of a line up to a `#`.
  private struct Words {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
      let end = text.firstIndex(of: UInt8(ascii: "#")) ?? text.count
      self.text = UnsafeBufferPointer(rebasing: text[..<end])
    }

    mutating func next() -> Range<Int>? {
      while position < text.count, isSpace(text[position]) { position += 1 }
      let start = position
      while position < text.count, !isSpace(text[position]) { position += 1 }
      return start < position ? start..<position : nil
    }
  }
}
