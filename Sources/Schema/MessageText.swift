/// Texts of files and of users as parts of messages: printable, of bounded length, and aligned.
package enum MessageText {
  /// The most findings that a message lists, and the most characters of a message.
  package static let mostFindings = 20
  package static let mostCharacters = 2000

  /// A text in which characters that a terminal would obey or hide are written as escapes such as
  /// `\u{1b}`.
  package static func printable(_ text: String) -> String {
    // Most texts are plain.
    if text.utf8.allSatisfy({ 32..<127 ~= $0 }) { return text }
    var shown = ""
    for scalar in text.unicodeScalars { append(scalar, to: &shown) }
    return shown
  }

  /// Bytes as such a text, those that are no UTF-8 as `\x{ff}`.
  package static func printable(bytes: some Sequence<UInt8>) -> String {
    var shown = ""
    var parser = Unicode.UTF8.ForwardParser()
    let bytes = Array(bytes)
    var rest = bytes.makeIterator()
    var place = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded):
        place += encoded.count
        append(Unicode.UTF8.decode(encoded), to: &shown)
      case .error(let length):
        for byte in bytes[place..<min(place + length, bytes.count)] {
          shown += "\\x{\(String(byte, radix: 16))}"
        }
        place += length
      case .emptyInput: return shown
      }
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      text += "\\u{\(String(scalar.value, radix: 16))}"
    default: text.unicodeScalars.append(scalar)
    }
  }

  /// The first findings of a list, one a line, and how many more there are.
  package static func list(_ findings: [String]) -> String {
    var shown: [String] = []
    var length = 0
    for finding in findings.prefix(mostFindings) {
      length += finding.count + 1
      // Room for the line that counts the others.
      if length > mostCharacters - 100, !shown.isEmpty { break }
      shown.append(finding)
    }
    let left = findings.count - shown.count
    if left > 0 { shown.append("… and \(left) more, \(findings.count) in all") }
    return shown.joined(separator: "\n")
  }

  /// A whole message: its lines printable, and cut where there are too many characters.
  package static func message(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.map { printable(String($0)) }.joined(separator: "\n")
    guard shown.count > mostCharacters else { return shown }
    let half = mostCharacters / 2 - 10
    // The end of a message says what to do.
    return "\(shown.prefix(half)) … \(shown.suffix(half))"
  }

  /// The columns of a terminal that a text takes: two for wide characters such as Chinese ones.
  package static func width(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + ($1.unicodeScalars.map(width).max() ?? 0) }
  }

  /// By the ranges of UAX #11 that are wide.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
