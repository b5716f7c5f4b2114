import Schema

/// Vectors as text: in each line a key and its numbers, with blanks or tabs between them, as word2vec
/// and GloVe write them. A first line with the number of vectors and their width is passed over.
extension VectorFile.Reader {
  func readText(into table: inout VectorTable) throws {
    guard ids.takesKeys else {
      throw DataError(
        "feature \"\(feature)\" hashes its ids, which have no keys", at: place,
        hint: "a matrix with a row for each bucket, as npy or safetensors")
    }
    var header: Int?
    var vectors = 0
    try TextLines.forEach(file.path, longest: 4096 + 64 * dim) { line, number in
      var fields = VectorLine(line, dim: dim)
      guard fields.count > 0 else { return }
      if number == 1, let counts = fields.counts, dim != 1 || counts.dim == 1 {
        try require(width: counts.dim, line: 1)
        header = counts.count
        return
      }
      vectors += 1
      guard fields.hasWidth else { try refuse(fields, line: number, isFirst: vectors == 1) }
      try add(&fields, line: number, to: &table)
    }
    guard let header, header != vectors else { return }
    guard dim == 1 else {
      throw DataError(
        "the first line says \(header) vectors, the file has \(vectors)", at: place,
        hint: "the file may be cut off")
    }
    // Of vectors of one number the first line was one.
    try TextLines.forEach(file.path, longest: 1 << 16) { line, number in
      guard number == 1 else { return }
      var fields = VectorLine(line, dim: 1)
      try add(&fields, line: 1, to: &table)
    }
  }

  private func add(
    _ fields: inout VectorLine, line: Int, to table: inout VectorTable
  ) throws {
    let key = fields.key
    guard let row = ids.row(key) else { return table.addUnused(key) }
    let here = DataError.Place(file: file.path, line: line)
    let earlier = try table.add(row, line: line) { target in
      for k in 0..<dim {
        let text = fields.number(k)
        guard let start = text.baseAddress else { continue }
        switch parseNumber(start, start + text.count) {
        case .finite(let value) where Float(value).isFinite: target[k] = Float(value)
        case .finite, .notFinite: throw notFinite(key, at: here)
        case .unreadable:
          let shown = String(decoding: text.prefix(40), as: UTF8.self)
          throw DataError(
            "\"\(MessageText.printable(shown))\" is not a number", at: here,
            hint: "each line has a key and \(dim) numbers")
        }
      }
    }
    if let earlier { throw repeated(key, earlier, at: here) }
  }

  /// Refuses a line of another width.
  private func refuse(_ fields: VectorLine, line: Int, isFirst: Bool) throws -> Never {
    if isFirst, fields.count < 2 {
      throw DataError(
        "the line is one field and no vector", at: .init(file: file.path, line: line),
        hint: "each line has a key and \(dim) numbers, with blanks or tabs between them")
    }
    if isFirst, fields.areNumbers { try require(width: fields.count - 1, line: line) }
    throw DataError(
      "the line has \(fields.count - 1) numbers, \"embedding_dim\" of feature \"\(feature)\" is"
        + " \(dim)", at: .init(file: file.path, line: line),
      hint: "each line has a key and \(dim) numbers; the file may be cut off")
  }
}

/// A line of a file of vectors, cut into its fields.
private struct VectorLine {
  private let line: UnsafeBufferPointer<UInt8>
  private let dim: Int
  /// The fields between blanks; behind a tab, where the key ends with one.
  private var fields: [Range<Int>] = []
  private let hasTab: Bool

  init(_ line: UnsafeBufferPointer<UInt8>, dim: Int) {
    self.line = line
    self.dim = dim
    let tab = line.firstIndex(of: 9)
    var start = 0
    if let tab, tab > 0 {
      fields.append(0..<tab)
      start = tab + 1
    }
    hasTab = start > 0
    while start < line.count {
      if line[start] == 32 || line[start] == 9 {
        start += 1
        continue
      }
      var end = start
      while end < line.count, line[end] != 32, line[end] != 9 { end += 1 }
      fields.append(start..<end)
      start = end
    }
  }

  var count: Int { fields.count }

  /// Whether there is a key and as many numbers as there should be. A key may hold blanks, but not
  /// among numbers alone.
  var hasWidth: Bool {
    if count == dim + 1 { return true }
    return count > dim + 1 && !hasTab
      && fields[1..<(count - dim)].contains { !isNumber($0) }
  }

  /// Whether all that follows the first field is numbers.
  var areNumbers: Bool { fields.dropFirst().allSatisfy(isNumber) }

  private func isNumber(_ field: Range<Int>) -> Bool {
    guard let base = line.baseAddress else { return false }
    if case .unreadable = parseNumber(base + field.lowerBound, base + field.upperBound) {
      return false
    }
    return true
  }

  var key: String {
    guard let first = fields.first else { return "" }
    let last = count > dim + 1 ? fields[count - dim - 1] : first
    return String(decoding: line[first.lowerBound..<last.upperBound], as: UTF8.self)
  }

  func number(_ k: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: line[fields[count - dim + k]])
  }

  /// The numbers of a first line that says how many vectors follow and how wide they are.
  var counts: (count: Int, dim: Int)? {
    guard count == 2, !hasTab,
      let vectors = Int(String(decoding: line[fields[0]], as: UTF8.self)),
      let width = Int(String(decoding: line[fields[1]], as: UTF8.self)), vectors > 0, width > 0
    else { return nil }
    return (vectors, width)
  }
}

/// The lines of a file of text.
enum TextLines {
  /// Calls the body with each line without its end, and its number from 1. A mark of UTF-8 at the start
  /// of the file is dropped; what is no text is refused.
  /// - Parameter longest: Bytes that a line may have.
  /// - Throws: `DataError`, and what the body throws.
  static func forEach(
    _ path: String, longest: Int,
    _ body: (UnsafeBufferPointer<UInt8>, _ number: Int) throws -> Void
  ) throws {
    let source = try FileSource(path)
    var bytes: [UInt8] = []
    var number = 0
    var isEnded = false
    while !isEnded {
      let more = try source.read(count: 1 << 18)
      isEnded = more.isEmpty
      bytes += more
      if number == 0 {
        let mark = try bytes.withUnsafeBufferPointer { try TextSignature.length($0, path: path) }
        bytes.removeFirst(mark)
      }
      var start = 0
      try bytes.withUnsafeBufferPointer { bytes in
        while start < bytes.count {
          let end = bytes[start...].firstIndex(of: 10) ?? (isEnded ? bytes.count : nil)
          guard let end else { break }
          number += 1
          var line = bytes[start..<end]
          if line.last == 13 { line.removeLast() }
          try body(UnsafeBufferPointer(rebasing: line), number)
          start = end + 1
        }
      }
      bytes.removeFirst(min(start, bytes.count))
      guard bytes.count <= max(longest, 1 << 16) else {
        throw DataError(
          "the line is longer than \(max(longest, 1 << 16)) bytes",
          at: .init(file: path, line: number + 1),
          hint: "the file is no text with a line for each key")
      }
    }
    try source.requireUnchanged()
  }
}
