import Foundation
import GraphIR
import Passes

/// A golden file: a graph, the passes to run on it, and the graph that must come out; or the program,
/// where passes over instructions are among them.
///
///     // passes: simplify, dead_code
///     graph @input { … }
///     // becomes
///     graph @input { … }
struct GoldenCase: CustomStringConvertible {
  var url: URL
  /// Everything above the line `// becomes`.
  var head: String
  var passes: [String]
  /// Of `passes` those over instructions.
  var instructionPasses: [String]
  var expected: String

  /// `simplify/neutral.mtl`.
  var description: String { "\(folder)/\(url.lastPathComponent)" }
  /// The pass that the file is about.
  var folder: String { url.deletingLastPathComponent().lastPathComponent }

  private static let separator = "// becomes\n"

  init(_ url: URL) throws {
    self.url = url
    let text = try String(contentsOf: url, encoding: .utf8)
    let parts = text.components(separatedBy: Self.separator)
    head = parts[0]
    expected = parts.count > 1 ? parts[1] : ""
    passes = []
    instructionPasses = []
    passes = list("passes")
    instructionPasses = passes.filter(Compiler.instructionPasses.contains)
  }

  /// The words of a line `// <key>: a, b`.
  private func list(_ key: String) -> [String] {
    let start = "// \(key):"
    let line = head.split(separator: "\n").first { $0.hasPrefix(start) } ?? ""
    return line.dropFirst(start.count).split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The passes over graphs.
  func pipeline() throws -> Pipeline {
    Pipeline(try passes.filter { !instructionPasses.contains($0) }.map(Self.pass))
  }

  /// What the passes make of the graph, as text.
  func result() throws -> String {
    let graph = try pipeline().run(input())
    guard !instructionPasses.isEmpty else { return graph.text }
    return try Compiler.lowered(
      graph, capacity: list("capacity").first.flatMap { Int($0) } ?? 1,
      passes: Set(instructionPasses), tables: Set(list("tables")),
      batchSize: list("batch").first.flatMap { Int($0) }
    ).map(\.text).joined(separator: "\n")
  }

  func input() throws -> Graph { try Graph(parsing: head) }

  func write(_ result: String) throws {
    try (head + Self.separator + result).write(to: url, atomically: true, encoding: .utf8)
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

  static func all() -> [GoldenCase] {
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "mtl" }.sorted { $0.path < $1.path }
      .compactMap { try? GoldenCase($0) }
  }

  struct UnknownPass: Error {
    var name: String
  }

  /// A pass by its name: those of the standard pipelines.
  static func pass(named name: String) throws -> any Pass {
    for purpose in [Pipeline.Purpose.train, .predict] {
      let steps = try Pipeline.standard(purpose).steps
      if let step = steps.first(where: { $0.pass.name == name }) { return step.pass }
    }
    throw UnknownPass(name: name)
  }
}
