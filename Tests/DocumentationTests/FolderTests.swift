import Foundation
import Testing

/// The folders of a target refer to each other in one direction only.
@Suite struct FolderTests {
  /// Targets with circles that are still to be broken.
  static let circular: Set<String> = ["Experiments", "ModelDefs", "Plan", "Runtime"]

  /// The Swift files of folders, by target and folder. Files beside the folders may be below and
  /// above them, and are left out.
  private static let folders: [String: [String: [String]]] = {
    var folders: [String: [String: [String]]] = [:]
    for file in Repository.files where file.hasPrefix("Sources/") && file.hasSuffix(".swift") {
      let parts = file.split(separator: "/").map(String.init)
      if parts.count > 3 { folders[parts[1], default: [:]][parts[2], default: []].append(file) }
    }
    return folders
  }()

  static let targets = folders.keys.filter { !circular.contains($0) }.sorted()

  /// The code of a file, without comments and strings.
  private func code(_ path: String) throws -> String {
    try Repository.text(path)
      .replacing(#/"""[\s\S]*?"""/#, with: "")
      .replacing(#/"(?:\\.|[^"\\\n])*"/#, with: "")
      .replacing(#/\/\/.*/#, with: "")
  }

  /// The types that a file declares for others.
  private func declarations(_ code: String) -> Set<String> {
    let declaration =
      #/(?:public |package |final |indirect )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z]\w*).*/#
    return Set(
      code.split(separator: "\n").compactMap { $0.wholeMatch(of: declaration).map { String($0.1) } }
    )
  }

  /// Which folder names types of which other one, with an example.
  private func arrows(_ target: String) throws -> [String: [String: String]] {
    let folders = try #require(Self.folders[target])
      .mapValues { try $0.map { (path: $0, code: try code($0)) } }
    var owners: [String: Set<String>] = [:]
    for (folder, files) in folders {
      for file in files {
        for name in declarations(file.code) { owners[name, default: []].insert(folder) }
      }
    }
    var arrows: [String: [String: String]] = [:]
    for (folder, files) in folders {
      for file in files {
        for match in file.code.matches(of: #/(^|[^\w.])([A-Z]\w*)/#) {
          let name = String(match.2)
          guard let owner = owners[name], owner.count == 1, let other = owner.first, other != folder
          else { continue }
          arrows[folder, default: [:]][other] = "\(file.path) names \(name)"
        }
      }
    }
    return arrows
  }

  @Test(arguments: targets)
  func foldersHaveNoCircles(_ target: String) throws {
    let arrows = try arrows(target)
    var finished: Set<String> = []
    func visit(_ folder: String, _ path: [String]) {
      if let start = path.firstIndex(of: folder) {
        let circle = Array(path[start...]) + [folder]
        let reasons = zip(circle, circle.dropFirst()).compactMap { arrows[$0]?[$1] }
        Issue.record("\(target): \(circle.joined(separator: " → ")): \(reasons)")
        return
      }
      if finished.contains(folder) { return }
      for other in (arrows[folder] ?? [:]).keys.sorted() { visit(other, path + [folder]) }
      finished.insert(folder)
    }
    for folder in arrows.keys.sorted() { visit(folder, []) }
  }

  @Test func arrowsAreFound() throws {
    #expect(try arrows("Data")["Encoding"]?["Reader"] != nil)
    #expect(try arrows("Data")["Reader"]?["Encoding"] == nil)
  }
}
