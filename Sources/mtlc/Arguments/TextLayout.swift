import Schema

/// Plain text in lines of a limited width.
enum TextLayout {
  /// Breaks at spaces; line breaks of the text stay.
  static func wrap(_ text: String, width: Int, indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { paragraph in
      var lines: [String] = []
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > width - indent {
          lines.append(line)
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(line)
      return lines.joined(separator: "\n" + margin)
    }.joined(separator: "\n" + margin)
  }

  /// Names on the left, wrapped explanations on the right.
  static func columns(_ rows: [(String, String)], width: Int = 92) -> String {
    let left = min(30, (rows.map(\.0.width).max() ?? 0) + 2)
    return rows.map { name, help in
      let padded = name.padding(to: left)
      let start = name.width + 2 > left ? name + "\n" + String(repeating: " ", count: left) : padded
      return start + wrap(help, width: width, indent: left) + "\n"
    }.joined()
  }
}

extension String {
  /// Columns of a terminal.
  var width: Int { MessageText.width(self) }

  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - self.width))
  }

  func leftPadding(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - self.width)) + self
  }
}
