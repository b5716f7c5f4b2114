import Schema

/// Encoded datasets in a folder, so that text is read once: a file for each set of source files and
/// each way of reading them. A file is used only when the size and time of change of its sources are
/// the same, the reading is the same, and every checksum holds; otherwise it is built again.
package struct DatasetCache: Sendable {
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Whether rows came from the cache, and why not.
  package enum Outcome: Sendable, Hashable {
    case opened(String)
    /// Written now: because of the reason, or because there was none.
    case built(String, because: String?)
    /// The rows were read, but could not be kept.
    case notWritten(FileError)
    /// Rows of standard input, of a part of the files or with damaged records are not kept.
    case unsuitable
  }

  /// As `DataDeclaration.fit`. Throws `DataError`.
  package func fit(
    _ declaration: DataDeclaration, _ files: [String], options: ReadOptions = ReadOptions()
  ) throws -> (FittedData, Outcome) {
    var key = ByteWriter()
    key.put("fit")
    key.put(declaration)
    let (contents, outcome) = try load(files, declaration.format, declaration.joins, key, options) {
      let fitted = try declaration.fit(files, options: options)
      return .init(
        schema: fitted.schema, statistics: fitted.statistics, dataset: fitted.dataset)
    }
    return (
      FittedData(
        schema: contents.schema, dataset: contents.dataset, statistics: contents.statistics),
      outcome
    )
  }

  /// As `Dataset.read` with labels required. Throws `DataError`.
  package func read(
    _ files: [String], schema: DataSchema, options: ReadOptions = ReadOptions()
  ) throws -> (dataset: Dataset, statistics: DataStatistics, outcome: Outcome) {
    var key = ByteWriter()
    key.put("read")
    key.put(schema)
    let (contents, outcome) = try load(files, schema.format, schema.joins, key, options) {
      let (dataset, statistics) = try Dataset.read(files, schema: schema, options: options)
      return .init(schema: schema, statistics: statistics, dataset: dataset)
    }
    return (contents.dataset, contents.statistics, outcome)
  }

  /// Makes the folder, and those it lies in. Throws `FileError`.
  func makeFolder() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: folder, message: "the folder cannot be made: \(systemMessage(errno))")
    }
  }

  private func load(
    _ files: [String], _ format: TableFormat, _ joins: [TableJoin], _ key: ByteWriter,
    _ options: ReadOptions, reading: () throws -> CacheFile.Contents
  ) throws -> (CacheFile.Contents, Outcome) {
    var key = key
    guard options.rowLimit == nil, let place = place(files, format, joins, &key) else {
      return (try reading(), .unsuitable)
    }
    TemporaryFile.sweep(folder)
    let refusal: CacheFile.Refusal
    do {
      return (try CacheFile.open(place, key: key.bytes), .opened(place))
    } catch let error as CacheFile.Refusal {
      refusal = error
    }
    let contents = try reading()
    if let damage = options.damage, damage.count > 0 { return (contents, .unsuitable) }
    do {
      try makeFolder()
      try CacheFile.write(
        contents.dataset, schema: contents.schema, statistics: contents.statistics,
        key: key.bytes, to: place)
    } catch let error as FileError {
      return (contents, .notWritten(error))
    }
    return (contents, .built(place, because: refusal.reason))
  }

  /// The file for the rows of these files, read in this way; adds the files' state to the key. Nil
  /// when one of them is no regular file.
  func place(
    _ files: [String], _ format: TableFormat, _ joins: [TableJoin], _ key: inout ByteWriter
  ) -> String? {
    guard let first = files.first else { return nil }
    let companions = RowFormats.format(format.layout).companions
    var name = key
    for file in files.flatMap({ [$0] + companions($0) }) + joins.map(\.file) {
      guard let identity = FileIdentity(path: file) else { return nil }
      let path = URL(fileURLWithPath: file).standardizedFileURL.path
      key.put(path)
      name.put(path)
      key.put(identity.size)
      key.put(identity.seconds)
      key.put(identity.nanoseconds)
    }
    // The name does not depend on size and time, so that a file for changed sources is replaced.
    let sum = name.bytes.withUnsafeBytes { blockChecksum($0) }
    let stem = URL(fileURLWithPath: first).deletingPathExtension().lastPathComponent
    return "\(folder)/\(stem)-\(String(sum, radix: 16)).mtld"
  }
}
