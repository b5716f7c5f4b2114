import Schema

extension TableReader {
  /// The length of a byte order mark to skip. Throws `DataError` for other kinds of files.
  func signatureLength() throws -> Int {
    let (buffer, length) = (current.buffer, current.length)
    func starts(_ bytes: [UInt8]) -> Bool {
      length >= bytes.count && bytes.indices.allSatisfy { buffer[$0] == bytes[$0] }
    }
    func refuse(_ what: String, _ hint: String) -> DataError {
      DataError("the file is \(what), not a text table", at: .init(file: source.path), hint: hint)
    }
    if starts([0xFF, 0xFE]) || starts([0xFE, 0xFF]) {
      throw refuse("UTF-16 text", "convert it to UTF-8: iconv -f UTF-16 -t UTF-8")
    }
    if starts([0x1F, 0x8B]) {
      throw refuse("compressed with gzip", "unpack it, or pipe it in: gzip -dc FILE | … -")
    }
    if starts([0x28, 0xB5, 0x2F, 0xFD]) {
      throw refuse("compressed with zstd", "unpack it, or pipe it in: zstd -dc FILE | … -")
    }
    if starts(Array("PK\u{3}\u{4}".utf8)) { throw refuse("a zip archive", "unpack it") }
    if starts(Array("PAR1".utf8)) { throw refuse("a Parquet file", "export it as CSV") }
    if starts([0x93] + Array("NUM".utf8)) {
      throw refuse("a NumPy array", "set data.format: \"npy\"")
    }
    return starts([0xEF, 0xBB, 0xBF]) ? 3 : 0
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
    let header = (0..<block.columnCount).map { String(decoding: block.field(0, $0), as: UTF8.self) }
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
    if matches.count == 1, let match = matches.first { return match }
    let place = DataError.Place(file: source.path, line: headerLine)
    if matches.count > 1 {
      throw DataError(
        "column \"\(name)\" of \(purpose) appears \(matches.count) times, "
          + "as fields \(matches.map { String($0 + 1) }.joined(separator: " and "))",
        at: place, hint: "give the columns different names")
    }
    var hint = "the columns are \(names.prefix(12).joined(separator: ", "))"
    if names.count > 12 { hint += ", … (\(names.count) in all)" }
    if let nearest = NearestName.nearest(name, in: names) { hint = "did you mean \"\(nearest)\"?" }
    throw DataError("no column \"\(name)\", which \(purpose) needs", at: place, hint: hint)
  }
}
