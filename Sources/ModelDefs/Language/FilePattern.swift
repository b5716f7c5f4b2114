import Foundation

/// File names with `*`, `?` or `[…]` in them, as a shell reads them.
enum FilePattern {
  /// The files that a name stands for, in the order of their names: itself where there is such a
  /// file or it is no pattern; none where nothing matches.
  static func expand(_ path: String) -> [String] {
    guard path.contains(where: { "*?[".contains($0) }),
      !FileManager.default.fileExists(atPath: path)
    else { return [path] }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(path, 0, nil, &found) == 0, let names = found.gl_pathv else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { names[$0].map { String(cString: $0) } }
  }
}
