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
    if let number = Double(text), number.magnitude > Double(Float.greatestFiniteMagnitude) {
      return "numbers are kept as 32-bit floats, which end at 3.4e38: correct the cell, or add its"
        + " text to data.missing"
    }
    if isDate(text) {
      return "dates and times are no numbers: give the feature the type \"datetime\""
    }
    let rest = text.filter { !($0.isASCII && $0.isNumber) && !"+-".contains($0) }
    if !rest.isEmpty, rest.allSatisfy({ marks.contains($0) }) { return marksHint(rest, text) }
    let unit = rest.filter { !marks.contains($0) }
    if 1...4 ~= unit.count {
      return "numbers are written without signs and units such as \"\(unit)\""
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
    if let hint = impossibleTime(text) { return hint }
    let pattern = patterns(text).map { "set time_format: \"\($0)\"" }.joined(separator: ", or ")
    return "times are read as ISO 8601 has them, as 2024-05-01 12:30:00, unless time_format says"
      + " otherwise" + (pattern.isEmpty ? ", as \"%d.%m.%Y %H:%M\"" : ": \(pattern)")
  }

  /// What to do about a text in the form of ISO 8601, as "2024-02-30" or "0000-00-00 00:00", that is
  /// no moment of the calendar.
  private static func impossibleTime(_ text: String) -> String? {
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "T" }
    let dateParts = parts.first?.split(separator: "-", omittingEmptySubsequences: false) ?? []
    let date = dateParts.compactMap { Int($0) }
    guard dateParts.map(\.count) == [4, 2, 2], date.count == 3 else { return nil }
    if date[0] == 0 || date[1] == 0 || date[2] == 0 { return UsualMarkers.hint(text) }
    let isLeap = date[0] % 4 == 0 && (date[0] % 100 != 0 || date[0] % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard date[1] <= 12, date[2] <= days[date[1] - 1] else {
      return "the calendar has no such day"
    }
    let time = parts.dropFirst().first ?? ""
    let clock = time.prefix(5).split(separator: ":").compactMap { Int($0) }
    return clock.count == 2 && (clock[0] > 23 || clock[1] > 59)
      ? "hours go from 00 to 23, minutes from 00 to 59" : nil
  }

  /// The patterns that a text of a date, and a time behind it, may be written by.
  private static func patterns(_ text: String) -> [String] {
    let parts = text.split(separator: " ")
    guard let date = parts.first, parts.count <= 3, isDate(String(date)),
      let mark = date.first(where: { !$0.isNumber }), mark != ":",
      let year = date.split(separator: mark).last, year.count == 2 || year.count == 4,
      date.prefix(while: \.isNumber).count <= 2
    else { return [] }
    var time = ""
    if parts.count > 1 {
      let count = parts[1].split(separator: ":").count
      guard 2...3 ~= count else { return [] }
      time = (parts.count == 3 ? " %I:%M" : " %H:%M") + (count == 3 ? ":%S" : "")
    }
    if parts.count == 3 {
      guard ["AM", "PM"].contains(parts[2].uppercased()) else { return [] }
      time += " %p"
    }
    let end = "\(mark)\(year.count == 4 ? "%Y" : "%y")\(time)"
    let dayFirst = "%d\(mark)%m\(end)"
    // Dots are not written between month and day.
    return mark == "." ? [dayFirst] : ["%m\(mark)%d\(end)", dayFirst]
  }

  /// Marks in numbers.
  private static let marks = ",. '_\u{A0}\u{202F}"

  /// How to say which marks a number has.
  /// - Parameter found: The marks in their order.
  private static func marksHint(_ found: String, _ text: String) -> String {
    let rule =
      "numbers are read with a decimal point and without marks between thousands, unless"
      + " \"decimal\" and \"thousands\", of the feature or of data, say otherwise"
    guard let first = found.first, let last = found.last else { return rule }
    func shown(_ mark: Character) -> String { mark.isWhitespace ? " " : String(mark) }
    let behind =
      text.count
      - (text.lastIndex(of: last).map { text.distance(from: text.startIndex, to: $0) } ?? 0) - 1
    let isOne = Set(found.map(shown)).count == 1
    switch (isOne, found.count) {
    case (false, _) where found.dropLast().allSatisfy({ shown($0) == shown(first) }):
      let decimal = last == "." ? "" : "decimal: \"\(last)\", "
      return "\(rule): \(decimal)thousands: \"\(shown(first))\""
    case (true, 2...): return "\(rule): thousands: \"\(shown(first))\""
    case (true, 1) where behind != 3 && first == ",": return "\(rule): decimal: \",\""
    default: return rule
    }
  }

  /// Whether a text is a date or a time: two or three numbers with one kind of mark between them.
  private static func isDate(_ text: String) -> Bool {
    let date = text.prefix { $0 != " " && $0 != "T" }
    for mark: Character in ["-", "/", ".", ":"] {
      let parts = date.split(separator: mark, omittingEmptySubsequences: false)
      guard parts.count == 3 || (parts.count == 2 && mark == ":") else { continue }
      guard parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { continue }
      let short = parts.count { 1...2 ~= $0.count }
      // All but a year have one or two digits.
      if short == parts.count || (mark != ":" && short == 2 && parts.contains { $0.count == 4 }) {
        return true
      }
    }
    return false
  }
}
