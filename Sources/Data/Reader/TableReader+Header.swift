import Schema

extension TableReader {
  /// The bytes before the table: a byte order mark, and the line `sep=;` in which Excel names the
  /// delimiter; and that delimiter where it is another one than the format's.
  ///
  /// Throws `DataError` for what is no table, and for another delimiter where the spec names one.
  func prefix() throws -> (length: Int, delimiter: [UInt8]?) {
    let bytes = UnsafeBufferPointer(start: UnsafePointer(current.buffer), count: current.length)
    let start = try TextSignature.length(bytes, path: source.path)
    let line = bytes[start...].prefix { $0 != 10 && $0 != 13 }
    // Excel puts it in quotes where a cell holds it.
    let quotes = line.first == UInt8(ascii: "\"") && line.last == UInt8(ascii: "\"") ? 1 : 0
    let text = line.dropFirst(quotes).dropLast(quotes)
    guard text.starts(with: "sep=".utf8), 1...8 ~= text.count - 4, line.endIndex < bytes.count
    else {
      return (start, nil)
    }
    let delimiter = Array(text.dropFirst(4))
    let isOther = delimiter != [format.delimiter] + format.delimiterRest
    let isPossible =
      !delimiter.contains { [0, 13, format.quote, format.escape].contains($0) }
      && (delimiter.count > 1 || delimiter[0] < 0x80)
    if isOther, !format.takesNamedDelimiter || !isPossible {
      let shown = MessageText.printable(bytes: delimiter)
      throw DataError(
        "the first line says that the delimiter is \"\(shown)\"",
        at: .init(file: source.path, line: 1),
        hint: isPossible ? "set data.delimiter to that, or leave it away" : nil)
    }
    var end = line.endIndex
    if bytes[end] == 13 { end += 1 }
    if end < bytes.count, bytes[end] == 10 { end += 1 }
    current.parser.line += 1
    return (end, isOther ? delimiter : nil)
  }

  /// Takes the names from the header, or from `format.columns`.
  func readNames(optional: Set<String>) throws {
    if current.length == 0 {
      throw DataError("the input is empty", at: .init(file: source.path), hint: emptyHint)
    }
    guard format.hasHeader else {
      guard let columns = format.columns, !columns.isEmpty else {
        throw DataError(
          "the file has no header, and no column names are given", at: .init(file: source.path),
          hint: "set data.columns, or data.header: true")
      }
      names = columns
      let remaining = columns.filter { !optional.contains($0) }
      if remaining.count < columns.count, !remaining.isEmpty,
        peekFieldCount() == remaining.count
      {
        names = remaining
      }
      return
    }
    guard try cutHeader() else {
      throw DataError("the file has no header line", at: .init(file: source.path), hint: emptyHint)
    }
    headerLine = block.line(0)
    let header = try (0..<block.columnCount).map(headerName)
    guard let columns = format.columns else {
      names = header
      return
    }
    let remaining = columns.filter { !optional.contains($0) }
    if header.count == columns.count {
      names = columns
    } else if header.count == remaining.count {
      names = remaining
    } else {
      throw DataError(
        "the header has \(header.count) fields, data.columns names \(columns.count)",
        at: current.place(row: 0, column: 0))
    }
  }

  /// A name of the header. Throws `DataError` where the line is no header.
  private func headerName(_ column: Int) throws -> String {
    let field = block.field(0, column)
    let place = current.place(row: 0, column: column)
    if field.contains(13) {
      throw DataError(
        "the header holds a CR", at: place, hint: TextBlock.loneReturns)
    }
    guard let name = String(validating: field, as: UTF8.self) else {
      throw DataError(
        "the name \"\(excerpt(field))\" of a column is not UTF-8 text", at: place,
        hint: current.encodingHint)
    }
    return name
  }

  private var emptyHint: String? {
    format.hasHeader ? "a header line with the column names is needed" : nil
  }

  /// The fields of the first record, found on a copy because parsing rewrites quoted fields.
  private func peekFieldCount() -> Int? {
    let copy = TextBlock(path: source.path, format: format, capacity: current.capacity)
    copy.continueFrom(current)
    let finding = copy.cut(columnCount: nil, rowLimit: 1)
    return finding == nil && copy.records.rowCount == 1 ? copy.records.columnCount : nil
  }

  /// The place of a column by name. Throws when there is none, or more than one.
  func column(_ name: String, for purpose: String) throws -> Int {
    let matches = names.indices.filter { names[$0] == name }
    if matches.count == 1, let match = matches.first {
      use(match)
      return match
    }
    let place = DataError.Place(file: source.path, line: headerLine)
    let shown = MessageText.printable(name)
    if matches.count > 1 {
      throw DataError(
        "column \"\(shown)\" of \(purpose) appears \(matches.count) times, "
          + "as fields \(matches.map { String($0 + 1) }.joined(separator: " and "))",
        at: place, hint: "give the columns different names")
    }
    let listed = names.prefix(12).map { MessageText.printable(String($0.prefix(40))) }
    var hint = "the columns are \(listed.joined(separator: ", "))"
    if names.count > 12 { hint += ", … (\(names.count) in all)" }
    if let nearest = NearestName.nearest(name, in: names) {
      hint = "did you mean \"\(MessageText.printable(nearest))\"?"
    }
    if let other = DeclaredEncoding.likelier(than: format.encoding, in: source.path) {
      hint =
        "data.encoding says \(format.encoding.rawValue), and the file seems to be \(other.rawValue);"
        + " \(hint)"
    }
    if names.count == 1, let guess = DelimiterGuess.hint(names[0].utf8, given: format) {
      hint = "the header is one field, \"\(listed[0])\": \(guess)"
    }
    throw DataError("no column \"\(shown)\", which \(purpose) needs", at: place, hint: hint)
  }
}
