import Foundation
import GraphIR
import TestSupport
import Testing

/// The examples of docs/ are run, and their tables name what exists.
@Suite struct DocumentationTests {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func document(_ name: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: "docs/\(name)"), encoding: .utf8)
  }

  @Test func examplesAreGraphs() throws {
    let blocks = try document("ir.md").components(separatedBy: "\n```mtl\n").dropFirst()
    #expect(blocks.count >= 7)
    for block in blocks {
      let end = try #require(block.range(of: "\n```"))
      let text = String(block[..<end.lowerBound]) + "\n"
      let graph = try Graph(parsing: text)
      #expect(graph.verify().map(\.message) == [])
      #expect(graph.text == text)
    }
  }

  @Test func theTablesNameEveryOp() throws {
    let text = try document("ir.md")
    for mnemonic in Set(OpSuite.cases.map(\.op.mnemonic)) {
      let isNamed = ["`", " "].contains { text.contains("`\(mnemonic)\($0)") }
      #expect(isNamed, "docs/ir.md does not name \(mnemonic)")
    }
  }

  /// The list of invariants is the one above `Graph.verify()`.
  @Test func invariantsAreTheVerifiers() throws {
    let source = try String(
      contentsOf: Self.root.appending(path: "Sources/GraphIR/Graph+Verify.swift"), encoding: .utf8)
    let section = try document("ir.md").components(separatedBy: "## What the verifier checks").last
    let documented = numbers(in: try #require(section).components(separatedBy: "\n"))
    let listed = numbers(
      in: source.components(separatedBy: "\n").map {
        $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "/// ", with: "")
      })
    #expect(documented == listed)
    #expect(listed.count == 11)
  }

  private func numbers(in lines: [String]) -> [String] {
    lines.compactMap { $0.prefixMatch(of: #/([0-9]+)\. /#).map { String($0.1) } }
  }
}
