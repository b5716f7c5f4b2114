import Schema

extension TextBlock {
  /// Where a field of this block stands in the file.
  func place(row: Int, column: Int) -> DataError.Place {
    place(
      records.start(row, column), line: records.line(row), recordField: records.start(row, 0))
  }

  /// A buffer position as line and column, in the record that starts on `line` and whose first
  /// field starts at `recordField`.
  private func place(_ position: Int, line: Int, recordField: Int) -> DataError.Place {
    var line = line
    var p = recordField
    while p < position {
      if buffer[p] == 10 { line += 1 }
      p += 1
    }
    return .init(file: path, line: line, column: columnNumber(position))
  }

  private func columnNumber(_ position: Int) -> Int {
    var p = position
    while p > 0, buffer[p - 1] != 10 { p -= 1 }
    return position - p + 1
  }

  /// An error about a field of this block, which it quotes.
  func fieldError(
    row: Int, column: Int, _ message: (_ text: String) -> String, hint: String? = nil
  ) -> DataError {
    let text = excerpt(records.field(row, column))
    return DataError(message(text), at: place(row: row, column: column), hint: hint)
  }

  /// The error for a record that `parse` refused, with its place and likely cause.
  func error(_ finding: RecordParser.Finding, expected: Int) -> DataError {
    let row = parser.rowCount - 1
    let fields = parser.bounds + parser.firstField
    switch finding {
    case .textAfterQuote(let position):
      let first = parser.fieldCount > 0 ? Int(fields[0].start) : position
      return DataError(
        "text after the closing quote",
        at: place(position, line: parser.lines[row], recordField: first),
        hint: "a quote inside a quoted field is written twice")
    case .ragged:
      let found = parser.fieldCount
      let position =
        found > expected ? Int(fields[expected].start) : Int(fields[found - 1].end)
      var hint: String?
      let start = Int(fields[0].start)
      let text = UnsafeBufferPointer(
        start: UnsafePointer(buffer) + start, count: max(0, Int(fields[found - 1].end) - start))
      if zip(text, text.dropFirst()).contains(where: { $0 == 13 && $1 != 10 }) {
        hint = "the lines end with a lone CR; convert them to LF"
      } else if found == 1, let other = Self.otherDelimiter(text, format.delimiter, expected) {
        hint = "is the delimiter \"\(other)\"?"
      } else if found > expected {
        hint = "a field that holds the delimiter must be quoted"
      } else if text.contains(10) {
        hint = "the record spans lines: is a quote left open?"
      }
      return DataError(
        "expected \(expected) fields, found \(found)",
        at: place(position, line: parser.lines[row], recordField: start), hint: hint)
    }
  }

  /// The error of a quote, at this position, that is not closed before the input ends.
  func unterminated(_ position: Int) -> DataError {
    place(position, line: parser.line, recordField: 0).unterminated
  }

  private static func otherDelimiter(
    _ text: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8, _ expected: Int
  ) -> String? {
    let names: [(UInt8, String)] = [(9, "\\t"), (44, ","), (59, ";"), (124, "|"), (32, " ")]
    for (byte, name) in names where byte != delimiter {
      if text.count(where: { $0 == byte }) == expected - 1 { return name }
    }
    return nil
  }
}

extension DataError.Place {
  fileprivate var unterminated: DataError {
    DataError("the quote that opens here is never closed", at: self)
  }
}
