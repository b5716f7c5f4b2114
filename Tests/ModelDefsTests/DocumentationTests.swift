import Foundation
import Testing

/// Source that the documentation quotes is the source.
@Suite struct DocumentationTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func quotedFilesAreTheFiles() throws {
    let folder = Self.root.appendingPathComponent("docs")
    var quotations = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".md") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for part in text.components(separatedBy: "<!-- file: ").dropFirst() {
        let path = part.prefix(while: { $0 != " " })
        let block = part.components(separatedBy: "```swift\n").dropFirst().first ?? ""
        let quoted = block.components(separatedBy: "\n```").first ?? ""
        let source = try String(
          contentsOf: Self.root.appendingPathComponent(String(path)), encoding: .utf8)
        #expect(!quoted.isEmpty, "\(name) quotes \(path)")
        #expect(source.contains(quoted), "\(name) quotes another text than \(path) holds")
        quotations += 1
      }
    }
    #expect(quotations > 0)
  }
}
