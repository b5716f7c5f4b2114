import Foundation
import ModelDefs
import Testing

/// The specs of the documents, and the parts of specs that they show, are valid.
@Suite struct DocumentedSpecTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func blocks(of file: String) throws -> [String] {
    try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
      .components(separatedBy: "\n```json5\n").dropFirst()
      .compactMap { $0.components(separatedBy: "\n```").first }
  }

  @Test(arguments: [
    "README.md", "docs/training.md", "docs/data.md", "docs/models.md", "docs/tuning.md",
  ])
  func isValid(file: String) throws {
    let blocks = try blocks(of: file)
    #expect(!blocks.isEmpty)
    for block in blocks {
      do {
        _ = try Spec(text: completed(block), file: file, folder: "", overrides: [])
      } catch {
        Issue.record("\(file): \(error)\n\(block)")
      }
    }
  }

  /// A block that is no whole spec, with what it lacks from a small one.
  private func completed(_ block: String) -> String {
    guard !block.hasPrefix("{") else { return block }
    // A pattern must match files that are there.
    let block = block.replacing("-*.csv", with: ".csv")
    let rest = SpecFixture()
    let parts = [
      "data": rest.data, "features": rest.features, "tasks": rest.tasks, "model": rest.model,
      "training": rest.training, "name": "'small'",
    ]
    let missing = parts.filter { part in
      !"\n\(block)".contains("\n\(part.key):")
    }.map { "\($0.key): \($0.value)" }
    return "{ \(block.trimmingCharacters(in: CharacterSet(charactersIn: " ,\n"))), "
      + missing.joined(separator: ", ") + " }"
  }
}
