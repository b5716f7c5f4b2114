import Schema

/// Which delimiter a line seems to have, where the one given divides it wrongly.
enum DelimiterGuess {
  private static let candidates = ["::", "||", "\t", ",", ";", "|", "^", "\u{1}", " "]

  /// What to do about a line: the name of the delimiter that occurs in it, most often or `count`
  /// times; nil where there is none but that of the format.
  static func hint(
    _ line: some Collection<UInt8>, given format: TableFormat, count: Int? = nil
  ) -> String? {
    let given = [format.delimiter] + format.delimiterRest
    var best: (text: String, found: Int)?
    for text in candidates where Array(text.utf8) != given {
      let found = occurrences(of: Array(text.utf8), in: line)
      if found > 0, count.map({ $0 == found }) ?? (found > best?.found ?? 0) {
        best = (text, found)
        // What has two characters has each of them twice as often.
        if count != nil || text.utf8.count > 1 { break }
      }
    }
    guard let text = best?.text else { return nil }
    let shown = text == "\t" ? "\\t" : text == "\u{1}" ? "\\u0001" : text
    return
      "is the delimiter \"\(shown)\"? set data.delimiter\(text == "\t" ? ", or data.format: \"tsv\"" : "")"
  }

  private static func occurrences(of text: [UInt8], in line: some Collection<UInt8>) -> Int {
    if text.count == 1 { return line.count { $0 == text[0] } }
    var (found, previous) = (0, UInt8(0))
    for byte in line {
      if byte == text[1], previous == text[0] {
        found += 1
        previous = 0
      } else {
        previous = byte
      }
    }
    return found
  }
}
