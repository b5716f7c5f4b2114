import Foundation

/// The files of this repository as its documents name them.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Paths, relative to the root, of every file below the folders that documents speak of.
  static let files: [String] = ["Sources", "Tests", "docs", "examples", "benchmarks"]
    .flatMap { folder in
      FileManager.default.subpaths(atPath: root.appending(path: folder).path)?
        .map { "\(folder)/\($0)" } ?? []
    }
    .filter { !$0.contains("/.build") }

  /// Paths of all Markdown files, without the pieces that `examples/reproduce` makes docs/results.md of.
  static let documents: [String] = {
    let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return (top + files)
      .filter { $0.hasSuffix(".md") && !$0.hasPrefix("examples/reproduce.d/") }.sorted()
  }()

  static let guides = documents.filter { $0.hasPrefix("docs/add-") }

  /// The names of all test functions.
  static let tests: Set<String> = {
    let sources = files.filter { $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") }
    let names = sources.flatMap { path in
      (try? text(path))?.matches(of: #/func ([A-Za-z0-9]+)\(/#).map { String($0.1) } ?? []
    }
    return Set(names)
  }()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// Whether a path with placeholders such as `<Name>` or `*`, each within one path component, names
  /// at least one file. Without placeholders: whether the path is there.
  static func hasMatch(_ path: String) -> Bool {
    let parts = path.split(separator: #/<[^<>\/]+>|\*/#, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return exists(path) }
    let pattern = parts.map { NSRegularExpression.escapedPattern(for: String($0)) }
      .joined(separator: "[^/]+")
    guard let regex = try? Regex("^\(pattern)$") else { return false }
    return files.contains { $0.contains(regex) }
  }

  /// What stands in backticks on a line, or in lines without code blocks, and is a path of the
  /// repository.
  static func paths(in text: some StringProtocol) -> [String] {
    String(text).matches(of: #/`((?:Sources|Tests|docs|examples|benchmarks)\/[^`\s]*|[A-Z]+\.md)`/#)
      .map { String($0.1) }
  }
}
