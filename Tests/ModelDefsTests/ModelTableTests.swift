import Foundation
import ModelDefs
import Testing

/// The documents' tables of models are those of the registry.
@Suite struct ModelTableTests {
  /// What each row of a document's tables writes in code.
  private func rows(_ path: String) throws -> [[String]] {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { row in
        row.components(separatedBy: "`").enumerated().compactMap { $0 % 2 == 1 ? $1 : nil }
      }
  }

  @Test func tablesNameEveryModel() throws {
    let types = ModelRegistry.models.map { $0.type }
    #expect(try rows("docs/models.md").compactMap(\.first).filter(types.contains) == types)
    let readme = Set(try rows("README.md").flatMap { $0 })
    #expect(Set(types).subtracting(readme) == [])
  }
}
