import Schema

/// Reads `data.join`.
struct JoinDecoder {
  private(set) var joins: [TableJoin] = []

  /// - Parameter format: That of the rows.
  init(_ data: SectionReader, _ format: TableFormat, folder: String) {
    guard let node = data.child(DataKeys.join) else { return }
    guard let elements = node.value.elements else {
      let _: Int? = node.mismatch("a list of objects with a file and a key")
      return
    }
    if format.layout != .table {
      node.report("goes only with the formats \"csv\" and \"tsv\"")
    }
    if format.missing.isEmpty {
      node.report(
        "needs a text in \"missing\", which stands for the columns of a key that is not found")
    }
    for (index, element) in elements.enumerated() {
      guard let section = SectionReader(node.child(index, element), JoinKeys.section) else {
        continue
      }
      joins.append(Self.join(section, format, folder: folder))
    }
  }

  private static func join(
    _ section: SectionReader, _ format: TableFormat, folder: String
  ) -> TableJoin {
    let key = section[JoinKeys.key]
    let columns = section[DataKeys.columns]
    if !columns.isEmpty, !key.isEmpty, !columns.contains(key) {
      let hint = NearestName.nearest(key, in: columns).map { "; did you mean \(quoted($0))?" }
      section.report("is not in \"columns\"\(hint ?? "")", JoinKeys.key)
    }
    var folder = folder
    if let child = section.child(JoinKeys.file), case .override = child.value.location {
      folder = ""
    }
    let path = TextFile.resolve(section[JoinKeys.file], in: folder)
    if path == "-" { section.report("must be a file, not standard input", JoinKeys.file) }
    return TableJoin(
      file: URL(fileURLWithPath: path).standardizedFileURL.path, key: key,
      column: section[JoinKeys.column] ?? key,
      format: DialectDecoder(section).format(of: section[JoinKeys.format], like: format))
  }
}
