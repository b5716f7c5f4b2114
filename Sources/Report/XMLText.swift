import Schema

/// Texts and numbers as SVG and HTML have them.
enum XMLText {
  /// For text and attributes.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      // XML has no other control characters, and those of U+0080 on are shown by nothing.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
      default: String(scalar)
      }
    }.joined()
  }

  /// One decimal is enough for a picture.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  /// An upper bound of what a text takes in common fonts without serifs.
  static func width(_ text: String, _ size: Double) -> Double {
    0.62 * size * Double(MessageText.width(text))
  }

  /// The text if it fits, else its beginning with an ellipsis.
  static func fitting(_ text: String, _ size: Double, width: Double) -> String {
    if self.width(text, size) <= width { return text }
    var start = text
    while !start.isEmpty, self.width(start + "…", size) > width { start.removeLast() }
    return start + "…"
  }
}
