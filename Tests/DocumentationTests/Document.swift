import Foundation

/// A Markdown file, cut into its fenced code blocks and the lines around them.
struct Document {
  struct Block {
    var language: String
    var lines: [String]
    /// The line before the fence, which may name the file that is quoted.
    var before: String
    var text: String { lines.joined(separator: "\n") }
  }

  var path: String
  var prose: [String] = []
  var blocks: [Block] = []

  init(_ path: String) throws {
    self.path = path
    var open: Block?
    for line in try Repository.text(path).components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), lines: [], before: prose.last ?? "")
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        prose.append(line)
      }
    }
  }

  /// Commands: the lines of `sh` blocks and of blocks that are indented by four spaces.
  var commands: [String] {
    blocks.filter { $0.language == "sh" }.flatMap(\.lines)
      + prose.filter { $0.hasPrefix("    ") }.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The cells of the rows of the first table behind the line at an index, without its head.
  func table(after index: Int) -> [[String]] {
    prose[(index + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
      .map { line in
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
          .map { $0.trimmingCharacters(in: .whitespaces) }
      }
  }
}
