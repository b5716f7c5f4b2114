import Foundation
import Testing

/// A guide (`docs/add-*.md`) lists the files of its change in a table under "## Files to touch (N)",
/// one path a row. `new` marks a file to be created; a word in angle brackets stands for a name.
@Suite struct GuideTests {
  /// The most files that a change may need.
  static let bounds = [
    "docs/add-an-op.md": 10,
    "docs/add-an-optimizer.md": 8,
    "docs/add-a-spec-key.md": 8,
    "docs/add-a-metric.md": 3,
    "docs/add-a-file-format.md": 4,
    "docs/add-an-instruction.md": 8,
  ]

  private static var heading: Regex<(Substring, Substring)> { #/## Files to touch \(([0-9]+)\)/# }

  private func files(_ guide: Document) throws -> (count: Int, rows: [[String]]) {
    let headings = guide.prose.indices.filter {
      guide.prose[$0].wholeMatch(of: Self.heading) != nil
    }
    let index = try #require(headings.first, "\(guide.path) has no \"## Files to touch (N)\"")
    #expect(headings.count == 1, "\(guide.path) lists its files more than once")
    let number = guide.prose[index].wholeMatch(of: Self.heading).flatMap { Int($0.1) }
    return (try #require(number), guide.table(after: index))
  }

  @Test(arguments: Repository.guides)
  func filesAreCounted(_ path: String) throws {
    let (count, rows) = try files(Document(path))
    #expect(rows.count == count, "\(path) lists \(rows.count) files and says \(count)")
    if let bound = Self.bounds[path] {
      #expect(count <= bound, "\(path) needs \(count) files; at most \(bound) are allowed")
    }
  }

  @Test(arguments: Repository.guides)
  func filesOfTheTableExist(_ path: String) throws {
    for row in try files(Document(path)).rows {
      let paths = Repository.paths(in: row[0])
      #expect(paths.count == 1, "\(path): a row must name one file: \(row[0])")
      guard let file = paths.first else { continue }
      #expect(Repository.hasMatch(file), "\(path): nothing in the tree is \(file)")
      if row[0].hasPrefix("new ") {
        #expect(file.contains("<"), "\(path): a new file needs a placeholder: \(file)")
      } else {
        #expect(row[0].hasPrefix("`"), "\(path): what stands before the path? \(row[0])")
      }
    }
  }

  /// What fails when a file is forgotten is a test that exists.
  @Test(arguments: Repository.guides)
  func namedTestsExist(_ path: String) throws {
    for row in try files(Document(path)).rows where row.count > 2 {
      for match in row[2].matches(of: #/`([a-z]+[A-Z][A-Za-z0-9]*)`/#) {
        #expect(Repository.tests.contains(String(match.1)), "\(path): no test is \(match.1)")
      }
    }
  }

  @Test(arguments: Repository.guides)
  func endsWithTestsAndLint(_ path: String) throws {
    let commands = try Document(path).commands
    #expect(commands.contains { $0.contains("swift test ") }, "\(path) runs no test")
    #expect(commands.contains { $0.contains("swift format lint ") }, "\(path) does not lint")
  }

  @Test func everyBoundHasAGuide() {
    for guide in Self.bounds.keys {
      #expect(Repository.guides.contains(guide), "\(guide) is missing")
    }
  }
}
