import Schema

/// Lines `label,… qid:7 index:value index:value …` with a remark after `#`. Each index that something
/// is made of is a column (0 where a line does not have it), `pairs` all pairs, `qid` the query.
enum LibsvmRows: RowFormat {
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader {
    let table = try LibsvmTable(request)
    return try request.table(
      LineSource(request.text(path), LibsvmConverter(table), damage: request.damage),
      columns: table.columns, optional: table.optional)
  }
}

/// What of the lines becomes a table: a column for each index that something is made of.
private struct LibsvmTable {
  /// All pairs of a line as one cell, as this layout separates them.
  static let pairs = "pairs"
  /// The id after `qid:`.
  static let query = "qid"

  var labels: [String]
  /// Label columns that a file may lack, all of them together.
  var optional: Set<String>
  /// The columns of single indices, with the places of the indices among them.
  var indices: [UInt64: Int] = [:]
  var indexColumns: [String] = []
  /// How the pairs are written; nil when nobody reads them.
  var pairs: SequenceLayout?
  var hasQuery = false

  var columns: [String] {
    labels + indexColumns + (hasQuery ? [Self.query] : []) + (pairs == nil ? [] : [Self.pairs])
  }

  /// Throws `DataError` for a column that such lines do not have.
  init(_ request: TableRequest) throws {
    labels = request.format.columns ?? []
    optional = request.optional.intersection(labels)
    for column in request.columns {
      guard column.name == Self.pairs, !labels.contains(column.name) else {
        try add(column.name, column.purpose)
        continue
      }
      guard let layout = column.sequence, layout.separator != UInt8(ascii: ","),
        pairs.map({ $0 == layout }) ?? true
      else {
        throw DataError(
          "\(column.purpose) cannot read the column \"pairs\"",
          hint: "all items of a line make one feature of type \"sequence\"")
      }
      pairs = layout
    }
    for column in request.keep { try add(column, "the output") }
  }

  private mutating func add(_ column: String, _ purpose: String) throws {
    if labels.contains(column) { return }
    if column == Self.query {
      hasQuery = true
    } else if let index = UInt64(column), String(index) == column {
      guard indices[index] == nil else { return }
      indices[index] = indexColumns.count
      indexColumns.append(column)
    } else {
      throw DataError(
        "no column \"\(column)\", which \(purpose) needs",
        hint: "libsvm rows have the columns of data.columns, \"pairs\", \"qid\", and indices such"
          + " as \"7\"")
    }
  }
}

/// Converts a line to the labels, the values of the indices that are columns, the query, all pairs.
private struct LibsvmConverter: LineConverter {
  private let table: LibsvmTable
  /// Whether lines begin with labels; known from the first line on.
  private var hasLabels: Bool?
  /// The value of each index column in the present line.
  private var values: [Range<Int>?]
  private static let comma = UInt8(ascii: ",")
  private static let colon = UInt8(ascii: ":")

  init(_ table: LibsvmTable) {
    self.table = table
    values = Array(repeating: nil, count: table.indexColumns.count)
  }

  mutating func convert(_ line: TextLine, into output: inout [UInt8]) throws {
    let text = line.text
    var words = Words(text)
    guard var word = words.next() else { return }
    let begin = output.count
    if try readsLabels(line, word) {
      try putLabels(line, word, into: &output)
      word = words.next() ?? text.count..<text.count
    }
    for k in values.indices { values[k] = nil }
    var pairs: [UInt8] = []
    var query = 0..<0
    while !word.isEmpty {
      guard let colon = text[word].firstIndex(of: Self.colon) else {
        throw malformed(line, word)
      }
      let value = colon + 1..<word.upperBound
      if text[word.lowerBound..<colon].elementsEqual(LibsvmTable.query.utf8) {
        try requireNumber(line, value, word)
        query = value
      } else {
        guard let index = Self.index(text, word.lowerBound..<colon) else {
          throw malformed(line, word)
        }
        try requireNumber(line, value, word)
        if let place = table.indices[index] {
          guard values[place] == nil else {
            throw DataError(
              "the index \(index) occurs twice in the line", at: line.place(word.lowerBound))
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
  private mutating func readsLabels(_ line: TextLine, _ word: Range<Int>) throws -> Bool {
    if table.labels.isEmpty { return false }
    let found = !line.text[word].contains(Self.colon)
    if let hasLabels {
      guard hasLabels == found else {
        throw DataError(
          found ? "the line has labels, those before have none" : "the line has no label",
          at: line.place(word.lowerBound))
      }
    } else {
      guard found || table.labels.allSatisfy(table.optional.contains) else {
        throw DataError("the line has no label", at: line.place(word.lowerBound))
      }
      hasLabels = found
    }
    return found
  }

  private func putLabels(
    _ line: TextLine, _ word: Range<Int>, into output: inout [UInt8]
  ) throws {
    var count = 1
    for byte in line.text[word] {
      if byte == Self.comma { count += 1 }
      guard byte != UInt8(ascii: "\"") else { throw malformed(line, word) }
    }
    guard count == table.labels.count else {
      throw DataError(
        "the line begins with \(count) labels, data.columns names \(table.labels.count)",
        at: line.place(word.lowerBound), hint: "several labels have commas between them: 1,0 3:0.5")
    }
    output += line.text[word]
  }

  private func requireNumber(
    _ line: TextLine, _ value: Range<Int>, _ word: Range<Int>
  ) throws {
    guard let start = line.text.baseAddress,
      case .finite = parseNumber(start + value.lowerBound, start + value.upperBound)
    else { throw malformed(line, word) }
  }

  private func malformed(_ line: TextLine, _ word: Range<Int>) -> DataError {
    let item = excerpt(line[word])
    return DataError(
      "\"\(item)\" is not of the form index:value", at: line.place(word.lowerBound),
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
