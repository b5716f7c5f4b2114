import Foundation
import GraphIR
import ModelDefs
import Schema
import Testing

/// The specs that the project ships.
@Suite struct ExampleTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("examples")

  static let examples: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json5") && !$0.hasSuffix("-maml.json5") }.sorted()
  }()

  /// Specs that learn from tasks, with the shape of their images or made-up schema.
  @Test(arguments: ["characters-maml", "omniglot-maml", "cold-start-maml"])
  func learnsFromTasks(example: String) throws {
    let file = Self.folder.appendingPathComponent("\(example).json5")
    let spec = try Spec(path: file.path)
    #expect(spec.name == example)
    let shape: ModelShape =
      switch spec.learning {
      case .images: .images(height: 28, width: 28)
      case .rows, .groups: .rows(SpecFixture.schema(spec))
      }
    for isTraining in [true, false] {
      let builder = GraphBuilder(name: "task", isTraining: isTraining)
      try spec.buildEpisode(shape, on: builder)
      try builder.graph.requireValid()
    }
  }

  @Test func thereAreExamples() {
    #expect(Self.examples.count >= 6)
  }

  @Test(arguments: examples)
  func isValidAndNamedAfterItsFile(example: String) throws {
    let spec = try Spec(path: Self.folder.appendingPathComponent(example).path)
    #expect("\(spec.name).json5" == example)
    let schema = SpecFixture.schema(spec)
    for purpose in [ProgramPurpose.train, .predict] {
      let builder = GraphBuilder(name: "program", isTraining: purpose == .train)
      try buildModel(spec, schema: schema, purpose: purpose, on: builder)
      try builder.graph.requireValid()
    }
  }
}
