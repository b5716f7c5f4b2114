import Foundation
import Schema

/// Encoded datasets in a folder, so that text is read once: a file for each set of source files and
/// way of reading them. A file is used only when its sources have the size and the time that they
/// had, the reading is the same, and every checksum holds; otherwise it is built again.
public struct DatasetCache: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// What came of a look into the cache.
  public enum Outcome: Sendable, Hashable {
    case opened(String)
    /// Written now, because it was not there, or for the reason given.
    case built(String, because: String?)
    /// The rows were read, but could not be kept.
    case notWritten(FileError)
    /// Rows of standard input, of a part of the files or with damaged records are not kept.
    case unsuitable
  }

  /// As `DataDeclaration.fit`. Throws `DataError`.
  public func fit(
    _ declaration: DataDeclaration, _ files: [String], options: ReadOptions = ReadOptions()
  ) throws -> (FittedData, Outcome) {
    var key = ArchiveWriter()
    key.put("fit")
    key.put(declaration)
    let (contents, outcome) = try load(files, key, options) {
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
  public func read(
    _ files: [String], schema: DataSchema, options: ReadOptions = ReadOptions()
  ) throws -> (dataset: Dataset, statistics: DataStatistics, outcome: Outcome) {
    var key = ArchiveWriter()
    key.put("read")
    key.put(schema)
    let (contents, outcome) = try load(files, key, options) {
      let (dataset, statistics) = try Dataset.read(files, schema: schema, options: options)
      return .init(schema: schema, statistics: statistics, dataset: dataset)
    }
    return (contents.dataset, contents.statistics, outcome)
  }

  /// The rows of files in a stream file, written unless a good one is there. Throws `DataError`, and
  /// `FileError` when it cannot be written: there is no other place for rows that do not fit memory.
  public func stream(
    _ files: [String], schema: DataSchema, options: ReadOptions = ReadOptions()
  ) throws -> (file: StreamFile, outcome: Outcome) {
    var key = ArchiveWriter()
    key.put("stream")
    key.put(schema)
    guard let cache = place(files, &key) else {
      throw DataError(
        "only regular files can be streamed", at: files.first.map { .init(file: $0) })
    }
    let path = String(cache.dropLast(4)) + "mtls"
    var reason: String?
    do {
      return (try StreamFile(path, key: key.bytes), .opened(path))
    } catch CacheFile.Refusal.missing {
      reason = nil
    } catch CacheFile.Refusal.stale {
      reason = "its source files or the data section have changed"
    } catch CacheFile.Refusal.damaged(let what) {
      reason = what
    }
    try makeFolder()
    try StreamWriter.write(files, schema: schema, key: key.bytes, to: path, options: options)
    do {
      return (try StreamFile(path, key: key.bytes), .built(path, because: reason))
    } catch {
      throw FileError(path: path, message: "cannot be read back")
    }
  }

  /// The folder, and those it lies in.
  private func makeFolder() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: folder, message: "the folder cannot be made: \(systemMessage(errno))")
    }
  }

  private func load(
    _ files: [String], _ key: ArchiveWriter, _ options: ReadOptions,
    reading: () throws -> CacheFile.Contents
  ) throws -> (CacheFile.Contents, Outcome) {
    var key = key
    guard options.rowLimit == nil, let place = place(files, &key) else {
      return (try reading(), .unsuitable)
    }
    var reason: String?
    do {
      return (try CacheFile.open(place, key: key.bytes), .opened(place))
    } catch CacheFile.Refusal.missing {
      reason = nil
    } catch CacheFile.Refusal.stale {
      reason = "its source files or the data section have changed"
    } catch CacheFile.Refusal.damaged(let what) {
      reason = what
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
    return (contents, .built(place, because: reason))
  }

  /// Where the rows of these files, read in this way, are kept; adds the files' state to the key.
  /// Nil when some of them is no file.
  private func place(_ files: [String], _ key: inout ArchiveWriter) -> String? {
    guard let first = files.first else { return nil }
    var name = key
    for file in files.flatMap({ [$0] + (NpySource.companion($0).map { [$0] } ?? []) }) {
      guard let identity = FileIdentity(path: file) else { return nil }
      let path = URL(fileURLWithPath: file).standardizedFileURL.path
      key.put(path)
      name.put(path)
      key.put(identity.size)
      key.put(identity.seconds)
      key.put(identity.nanoseconds)
    }
    // Files that have changed since give the same name, so that old caches are replaced.
    let sum = name.bytes.withUnsafeBytes { blockChecksum($0) }
    let stem = URL(fileURLWithPath: first).deletingPathExtension().lastPathComponent
    return "\(folder)/\(stem)-\(String(sum, radix: 16)).mtld"
  }
}
