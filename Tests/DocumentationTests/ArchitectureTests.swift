import Foundation
import Testing

/// ARCHITECTURE.md tells the truth about Package.swift and about the folders of Sources/.
@Suite struct ArchitectureTests {
  /// The targets of Package.swift that are no tests, and what each may import.
  private func targets() throws -> [String: Set<String>] {
    let target = #/\.(?:executableTarget|target)\(\s*name: "([A-Za-z]+)"([^)]*)\)/#
    var found: [String: Set<String>] = [:]
    for match in try Repository.text("Package.swift").matches(of: target)
    where !match.2.contains("path: \"Tests/") {
      let list = match.2.firstMatch(of: #/dependencies: \[([^\]]*)\]/#)?.1 ?? ""
      found[String(match.1)] = Set(list.matches(of: #/"([A-Za-z]+)"/#).map { String($0.1) })
    }
    return found
  }

  @Test func arrowsAreThoseOfThePackage() throws {
    let page = try Document("ARCHITECTURE.md")
    let heading = try #require(page.prose.firstIndex(of: "## Targets"))
    var documented: [String: Set<String>] = [:]
    for row in page.table(after: heading) {
      let name = row[0].filter { $0 != "`" }
      documented[name] = Set(row[2].matches(of: #/[A-Za-z]+/#).map { String($0.0) })
    }
    #expect(documented == (try targets()))
  }

  @Test func everyFolderIsDescribed() throws {
    let page = try Repository.text("ARCHITECTURE.md")
    let folders = Set(
      Repository.files.filter { $0.hasPrefix("Sources/") }.compactMap { file -> String? in
        let parts = file.split(separator: "/")
        return parts.count > 3 ? "\(parts[1])/\(parts[2])" : nil
      })
    #expect(folders.count > 20)
    for folder in folders {
      #expect(page.contains("`\(folder)`"), "ARCHITECTURE.md does not say what \(folder) holds")
    }
  }

  /// Foundation as a whole would bring its Unicode tables into the static program; Schema hands out the part
  /// without them.
  @Test func nothingImportsTheWholeOfFoundation() throws {
    let sources = Repository.files.filter { $0.hasPrefix("Sources/") && $0.hasSuffix(".swift") }
    #expect(sources.count > 300)
    for file in sources where file != "Sources/Schema/SystemLibraries.swift" {
      let code = try Repository.text(file)
      #expect(!code.contains(#/import (struct |class |func |enum )?Foundation/#), "\(file)")
    }
  }
}
