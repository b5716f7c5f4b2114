import Foundation
import TestSupport
import Testing

/// The programs of the examples that need no downloaded data, as text.
@Suite struct ProgramGoldenTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let examples = [
    "cold-start-maml", "sample-aitm", "sample-esmm", "sample-mmoe", "sample-shared-bottom",
    "sample-training", "synthetic-funnel-v2",
  ]

  @Test(arguments: examples) func programsAreAsBefore(_ name: String) throws {
    let bench = try Workbench(empty: ())
    let spec = Self.root.appendingPathComponent("examples/\(name).json5")
    try bench.write(String(contentsOf: spec, encoding: .utf8), to: "spec.json5")
    let text = try bench.expect(0, ["compile", "spec.json5", "--emit", "plan", "--quiet"]).output
    let difference = try GoldenText.difference(text, from: "Golden/programs/\(name).txt")
    #expect(difference == nil)
  }
}
