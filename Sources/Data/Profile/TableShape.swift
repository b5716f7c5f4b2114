import Schema

/// How a text table is written, as its first lines tell.
package struct TableShape: Sendable, Hashable {
  /// Of one character or two.
  package var delimiter: String
  /// Whether the first line names the columns.
  package var hasHeader: Bool
  /// Fields of a line.
  package var columnCount: Int

  private static let candidates = [",", "\t", ";", "|", "\u{1}", "::", "^"]

  /// Looks at the beginning of a file. Throws `DataError` when it is no table.
  package init(_ path: String, delimiter known: String? = nil) throws {
    let file = try TextSource(path, encoding: .utf8)
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    bytes.removeLast(bytes.count - count)
    let start = try bytes.withUnsafeBufferPointer {
      try TextSignature.length($0, path: path)
    }
    var text = bytes[start...]
    // The last line may be cut off.
    if count == 1 << 16, let end = text.lastIndex(of: 10) { text = text[..<end] }
    let lines = text.split(separator: 10).prefix(50).map { line in
      String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
    }
    guard let first = lines.first else {
      throw DataError("the input is empty", at: .init(file: path))
    }
    let found = known ?? Self.candidates.max { Self.score($0, lines) < Self.score($1, lines) }
    let delimiter = found.flatMap { known != nil || Self.score($0, lines) > 0 ? $0 : nil } ?? ","
    let fields = Self.fields(first, delimiter)
    self.delimiter = delimiter
    columnCount = fields.count
    let second = lines.dropFirst().first.map { Self.fields($0, delimiter) } ?? []
    hasHeader = Self.isHeader(fields, second)
  }

  /// How many fields a delimiter makes of every line, 0 where it does not make as many of each.
  private static func score(_ delimiter: String, _ lines: [String]) -> Int {
    let counts = lines.map { fields($0, delimiter).count }
    guard let first = counts.first, counts.allSatisfy({ $0 == first }) else { return 0 }
    return first - 1
  }

  /// The fields of a line; a delimiter between quotes is text.
  private static func fields(_ line: String, _ delimiter: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    var rest = line[...]
    while let next = rest.first {
      if next == "\"" { isQuoted.toggle() }
      if !isQuoted, rest.hasPrefix(delimiter) {
        fields.append("")
        rest = rest.dropFirst(delimiter.count)
      } else {
        fields[fields.count - 1].append(next)
        rest = rest.dropFirst()
      }
    }
    return fields.map { field in
      var field = field[...]
      while field.first?.isWhitespace == true { field.removeFirst() }
      while field.last?.isWhitespace == true { field.removeLast() }
      if field.count > 1, field.first == "\"", field.last == "\"" {
        field = field.dropFirst().dropLast()
      }
      return String(field)
    }
  }

  /// Names are different texts and no numbers, and a line of them is unlike the one below it: where that
  /// has no number either, none of the names stands in it.
  private static func isHeader(_ first: [String], _ second: [String]) -> Bool {
    guard Set(first).count == first.count, first.allSatisfy({ !$0.isEmpty && Double($0) == nil })
    else { return false }
    return second.contains { Double($0) != nil } || Set(first).isDisjoint(with: second)
  }
}
