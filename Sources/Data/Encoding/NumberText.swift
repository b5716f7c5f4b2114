import Schema

extension ColumnEncoder {
  /// The error of a cell that should hold a number.
  func numberError(_ block: TextBlock, _ row: Int) -> DataError {
    let field = block.records.field(row, index)
    let text = excerpt(field)
    return block.fieldError(
      row: row, column: index,
      { _ in "\"\(text)\" in column \"\(shownColumn)\" is not a finite number" },
      hint: TextEncoding.isValid(field) ? NumberText.hint(text) : block.encodingHint)
  }
}

extension ColumnEncoder {
  /// The error of a cell that should hold a date or a time.
  func timeError(_ block: TextBlock, _ row: Int) -> DataError {
    let field = block.records.field(row, index)
    let text = excerpt(field)
    return block.fieldError(
      row: row, column: index,
      { _ in "\"\(text)\" in column \"\(shownColumn)\" is no date or time" },
      hint: TextEncoding.isValid(field) ? NumberText.timeHint(text) : block.encodingHint)
  }
}

/// Texts that look like numbers to a person and are none.
enum NumberText {
  /// What to do about a text where a number should be.
  static func hint(_ text: String) -> String? {
    let digits = text.count { $0.isASCII && $0.isNumber }
    guard digits > 0 else { return text.count < 12 ? UsualMarkers.hint(text) : nil }
    if isDate(text) {
      return "dates and times are no numbers: give the feature the type \"datetime\""
    }
    let rest = text.filter { !($0.isASCII && $0.isNumber) && !"+-".contains($0) }
    if !rest.isEmpty, rest.allSatisfy({ ",. '_\u{A0}\u{202F}".contains($0) }) {
      return "numbers are read with a decimal point and without marks between thousands, unless"
        + " \"decimal\" and \"thousands\", of the feature or of data, say otherwise"
    }
    if digits + 4 > text.count, let sign = rest.first(where: { !",.".contains($0) }) {
      return "numbers are written without signs and units such as \"\(sign)\""
    }
    return text.count < 12 ? UsualMarkers.hint(text) : nil
  }

  /// What to do about a text where a date or a time should be.
  static func timeHint(_ text: String) -> String {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let isNumber = digits.count == text.count || text.dropFirst(digits.count).first == "."
    if isNumber, 9...11 ~= digits.count {
      return "for seconds since 1970 set time_format: \"seconds\""
    }
    if isNumber, 12...14 ~= digits.count {
      return "for milliseconds since 1970 set time_format: \"milliseconds\""
    }
    if text.count < 12, !text.contains(where: \.isNumber) { return UsualMarkers.hint(text) }
    return "times are read as ISO 8601 has them, as 2024-05-01 12:30:00, unless time_format says"
      + " otherwise, as \"%d.%m.%Y %H:%M\""
  }

  /// Whether a text is a date or a time: two or three numbers with one kind of mark between them.
  private static func isDate(_ text: String) -> Bool {
    let date = text.prefix { $0 != " " && $0 != "T" }
    for mark: Character in ["-", "/", ".", ":"] {
      let parts = date.split(separator: mark, omittingEmptySubsequences: false)
      guard parts.count == 3 || (parts.count == 2 && mark == ":") else { continue }
      if parts.allSatisfy({ 1...4 ~= $0.count && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
        mark != "." || parts.contains(where: { $0.count < 3 })
      {
        return true
      }
    }
    return false
  }
}
