import Schema

/// Pieces of a document in Markdown.
enum Markdown {
  /// A text whose letters mean themselves, in a paragraph and in a cell of a table.
  static func escaped(_ text: String) -> String {
    MessageText.printable(text).map { character in
      "\\`*_{}[]<>#|~&".contains(character) ? "\\\(character)" : "\(character)"
    }.joined()
  }

  /// - Parameter rows: Of as many cells as the head; texts are escaped.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String {
      "| \(cells.map(escaped).joined(separator: " | ")) |"
    }
    let rule = "|\(head.indices.map { $0 == 0 ? " --- " : " ---: " }.joined(separator: "|"))|"
    return ([line(head), rule] + rows.map(line)).joined(separator: "\n")
  }

  /// - Parameter items: In Markdown.
  static func list(_ items: [String]) -> String {
    items.map { "- \($0)" }.joined(separator: "\n")
  }

  /// Text as it is, behind a fence that is longer than any in it.
  static func block(_ text: String, _ language: String = "") -> String {
    var longest = 0
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\(language)\n\(text)\n\(fence)"
  }

  static func section(_ title: String, _ parts: [String]) -> String {
    let parts = parts.filter { !$0.isEmpty }
    return parts.isEmpty ? "" : (["## \(title)"] + parts).joined(separator: "\n\n")
  }
}
