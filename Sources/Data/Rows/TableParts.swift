/// The files that make up one table.
enum TableParts {
  /// The files without those of no byte, which tools leave where a part has no row. Of files that are all
  /// empty none is left out, so that they are an error.
  static func filled(_ files: [String]) -> [String] {
    guard files.count > 1 else { return files }
    let filled = files.filter { FileIdentity(path: $0)?.size != 0 }
    return filled.isEmpty ? files : filled
  }
}
