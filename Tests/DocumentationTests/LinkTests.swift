import Foundation
import Testing

/// Links between documents lead somewhere, and so do the paths that they name.
@Suite struct LinkTests {
  /// Folders that commands of the documents write.
  static let generated = ["examples/sample/", "examples/data/", "examples/synthetic"]

  @Test(arguments: Repository.documents)
  func relativeLinksResolve(_ path: String) throws {
    let folder = path.contains("/") ? path.prefix(upTo: path.lastIndex(of: "/")!) + "/" : ""
    for match in try Repository.text(path).matches(of: #/\]\(([^)\s]+)\)/#) {
      let link = String(match.1)
      if link.hasPrefix("http") { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target = parts[0].isEmpty ? path : folder + parts[0]
      #expect(Repository.exists(target), "\(path): nothing is at \(link)")
      if parts.count == 2, target.hasSuffix(".md") {
        #expect(
          try anchors(of: target).contains(String(parts[1])), "\(path): no heading is at \(link)")
      }
    }
  }

  @Test(arguments: Repository.documents)
  func namedPathsExist(_ path: String) throws {
    for line in try Document(path).prose {
      for file in Repository.paths(in: line) {
        if Self.generated.contains(where: file.hasPrefix) { continue }
        #expect(Repository.hasMatch(file), "\(path): nothing in the tree is \(file)")
      }
    }
  }

  /// The names under which GitHub finds a document's headings.
  private func anchors(of path: String) throws -> Set<String> {
    let headings = try Document(path).prose.filter { $0.hasPrefix("#") }
    return Set(
      headings.map { heading in
        let words = heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
        let kept = words.filter {
          $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
        }
        return kept.replacingOccurrences(of: " ", with: "-")
      })
  }
}
