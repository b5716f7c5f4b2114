import Foundation
import GraphIR
import Passes
import Testing

/// The example of docs/add-a-pass.md is code that runs and gives what the page shows.
@Suite struct PassGuideTests {
  static let root = GoldenCase.root.deletingLastPathComponent().deletingLastPathComponent()

  private func blocks(_ language: String) throws -> [String] {
    let url = Self.root.appendingPathComponent("docs/add-a-pass.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    return try text.components(separatedBy: "\n```\(language)\n").dropFirst().map { block in
      let end = try #require(block.range(of: "\n```"))
      return String(block[..<end.lowerBound]) + "\n"
    }
  }

  @Test func theCodeIsTheTestedOne() throws {
    let url = Self.root.appendingPathComponent("Tests/PassesTests/DropLogOfExp.swift")
    #expect(try blocks("swift") == [String(contentsOf: url, encoding: .utf8)])
  }

  @Test func theGraphsAreWhatItMakes() throws {
    let graphs = try blocks("mtl")
    try #require(graphs.count == 2)
    let result = try Pipeline([DropLogOfExp()]).run(Graph(parsing: graphs[0]))
    #expect(result.text == graphs[1])
  }
}
