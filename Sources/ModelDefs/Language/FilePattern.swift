import Schema

/// File names with `*`, `?` or `[…]` in them, as a shell reads them.
enum FilePattern {
  /// The files that a name stands for, in the order of their names: itself where there is such a
  /// file or it is no pattern; none where nothing matches. Files without a byte, such as the marks
  /// that some tools leave beside the parts of a table, are left out where others have some, and so are
  /// names that begin with `_`, which tools that write parts use for files about them.
  static func expand(_ path: String) -> [String] {
    guard path.contains(where: { "*?[".contains($0) }),
      !FileManager.default.fileExists(atPath: path)
    else { return [path] }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(path, 0, nil, &found) == 0, let names = found.gl_pathv else { return [] }
    var files = (0..<Int(found.gl_pathc)).compactMap { names[$0].map { String(cString: $0) } }
    func isMark(_ path: String) -> Bool { path.split(separator: "/").last?.first == "_" }
    if !isMark(path), !files.allSatisfy(isMark) { files.removeAll(where: isMark) }
    let filled = files.filter { file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      return attributes?[.type] as? FileAttributeType != .typeRegular
        || attributes?[.size] as? Int != 0
    }
    return filled.isEmpty ? files : filled
  }
}
