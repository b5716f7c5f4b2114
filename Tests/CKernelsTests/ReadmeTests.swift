import Foundation
import Testing

/// The README of the kernels has a line for each file, and each line a file; headers have no circles.
@Suite struct ReadmeTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/CKernels")

  /// The C files by folder and name.
  private static func files() throws -> [String: String] {
    var found: [String: String] = [:]
    let manager = FileManager.default
    for name in try manager.subpathsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".c") || name.hasSuffix(".h") {
      found[name] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    return found
  }

  @Test func theReadmeNamesEveryFile() throws {
    var named: Set<String> = []
    var section = ""
    let text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") {
        section = String(line.dropFirst(3).prefix { $0 != ":" })
      } else if line.hasPrefix("| `") {
        named.insert("\(section)/\(line.dropFirst(3).prefix { $0 != "`" })")
      }
    }
    #expect(named == Set(try Self.files().keys))
  }

  @Test func noHeaderIncludesItself() throws {
    let files = try Self.files()
    let included = files.mapValues { text in
      text.split(separator: "\n").compactMap { line -> String? in
        guard line.hasPrefix("#include \"") else { return nil }
        return String(line.dropFirst(10).prefix { $0 != "\"" }.split(separator: "/").last ?? "")
      }
    }
    let byName = Dictionary(
      included.map { (String($0.key.split(separator: "/").last ?? ""), $0.value) },
      uniquingKeysWith: +)
    #expect(byName.count == included.count, "two files of one name")
    for start in byName.keys {
      var seen: Set<String> = []
      var next = byName[start] ?? []
      while let name = next.popLast() {
        if seen.insert(name).inserted { next += byName[name] ?? [] }
      }
      #expect(!seen.contains(start), "\(start) includes itself")
    }
  }
}
