import Schema

extension TextBlock {
  /// Where a field of this block stands in the file.
  func place(row: Int, column: Int) -> DataError.Place {
    if let joined, let (number, side) = joined.side(of: column) {
      let found = Int(sideRows[row * joined.sideCount + number])
      // Without a row there is only the text of a missing value.
      if found >= 0 { return side.place(found) }
      return .init(file: path, line: records.line(row))
    }
    if holdsValues { return .init(file: path, line: records.line(row)) }
    return place(
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
        hint: "a quote inside a quoted field is written twice"
          + (follows(position, 0x5C)
            ? "; where a backslash stands before it, set data.escape: \"\\\\\"" : ""))
    case .ragged:
      let found = parser.fieldCount
      let position =
        found > expected ? Int(fields[expected].start) : Int(fields[found - 1].end)
      var hint: String?
      let start = Int(fields[0].start)
      let text = UnsafeBufferPointer(
        start: UnsafePointer(buffer) + start, count: max(0, Int(fields[found - 1].end) - start))
      if zip(text, text.dropFirst()).contains(where: { $0 == 13 && $1 != 10 }) {
        hint = Self.loneReturns
      } else if expected > 1,
        let guess = DelimiterGuess.hint(text, given: format, count: expected - 1),
        found == 1 || found == 2 * expected - 1
      {
        hint = guess
      } else if found == expected + 1, fields[expected].start == fields[expected].end {
        hint = "the line ends with a delimiter; remove it, or end the header with one as well"
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

  /// The error of a last record whose line end belongs to a field, since an escape stands before it.
  var unended: DataError {
    DataError(
      "the record that starts here does not end: an escape makes its line end a part of the field",
      at: .init(file: path, line: parser.line, column: 1),
      hint: "an escape that means itself is written twice")
  }

  /// What to do about lines that end as those of old Macs.
  static let loneReturns = "where lines end with a lone CR, convert them: tr '\\r' '\\n'"

  /// Whether the quote before a position follows this byte.
  private func follows(_ position: Int, _ byte: UInt8) -> Bool {
    var p = position - 1
    while p > 0, buffer[p] != format.quote { p -= 1 }
    return p > 0 && buffer[p - 1] == byte
  }
}

extension DataError.Place {
  fileprivate var unterminated: DataError {
    DataError("the quote that opens here is never closed", at: self)
  }
}
