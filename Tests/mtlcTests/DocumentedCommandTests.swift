import Foundation
import Testing

/// Commands that the documents name exist, with their options.
@Suite struct DocumentedCommandTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What follows `mtlc ` in code of the documents, with its file.
  private func commands() throws -> [(file: String, words: [String])] {
    let manager = FileManager.default
    var files = try manager.contentsOfDirectory(atPath: Self.root.path)
    files += try manager.contentsOfDirectory(atPath: Self.root.appending(path: "docs").path)
      .map { "docs/\($0)" }
    return try files.filter { $0.hasSuffix(".md") }.flatMap { file in
      let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
      let spans = text.matches(of: #/`mtlc ([^`]+)`/#).map { $0.1 }
      let lines = text.matches(
        of: #/(?m)^ *(?:swift run -c release |\.build\/release\/)?mtlc ([a-z].*)$/#
      )
      .map { $0.1 }.filter { !$0.contains(" is ") }
      return (spans + lines).map { command in
        (
          file,
          command.replacing(#/\s#.*|  [a-z].*/#, with: "").split(separator: " ").map(String.init)
        )
      }
    }
  }

  @Test func commandsAndOptionsExist() throws {
    let bench = try Workbench(empty: ())
    let overview = try bench.expect(0, ["help"]).output
    var help: [String: String] = [:]
    let commands = try commands()
    #expect(commands.count > 40)
    for (file, words) in commands {
      let name = words[0]
      guard overview.contains("\n  \(name) ") else {
        Issue.record("\(file): there is no command mtlc \(name)")
        continue
      }
      let options = words.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "[]|,")) }
        .filter { $0.hasPrefix("-") && $0 != "-" }
      for option in options {
        let text = try help[name] ?? bench.expect(0, ["help", name]).output
        help[name] = text
        #expect(
          text.contains(" \(option) ") || text.contains(" \(option),"),
          "\(file): mtlc \(name) has no option \(option)")
      }
    }
  }
}
