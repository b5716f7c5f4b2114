import Data
import Schema

/// How rows are read: through a cache if there is one, damaged records left out or not.
struct RowReading {
  let cache: DatasetCache?
  let skipsDamage: Bool
  /// Whether rows that cannot be kept in the cache are an error and not a warning.
  let mustKeep: Bool
  let observer: any Observer

  init(
    cache: String? = nil, skipsDamage: Bool, mustKeep: Bool = false, observer: any Observer
  ) {
    self.cache = cache.map { DatasetCache(folder: $0) }
    self.skipsDamage = skipsDamage
    self.mustKeep = mustKeep
    self.observer = observer
  }

  /// The same without a cache.
  var uncached: RowReading { RowReading(skipsDamage: skipsDamage, observer: observer) }

  /// Learns vocabularies and normalisers. Throws `DataError`.
  func fit(
    _ declaration: DataDeclaration, _ files: [String], rowLimit: Int? = nil
  ) throws -> FittedData {
    try read("reading", files, rowLimit) { options in
      guard let cache else { return try declaration.fit(files, options: options) }
      let (fitted, outcome) = try cache.fit(declaration, files, options: options)
      try report(outcome)
      return fitted
    } count: {
      $0.dataset.rowCount
    }
  }

  /// Encodes rows as a fitted schema says. Throws `DataError`.
  func rows(
    _ files: [String], _ schema: DataSchema, _ what: String, rowLimit: Int? = nil
  ) throws -> (dataset: Dataset, statistics: DataStatistics) {
    try read("reading \(what)", files, rowLimit) { options in
      guard let cache else { return try Dataset.read(files, schema: schema, options: options) }
      let (dataset, statistics, outcome) = try cache.read(
        files, schema: schema, options: options)
      try report(outcome)
      return (dataset, statistics)
    } count: {
      $0.dataset.rowCount
    }
  }

  /// As `rows`; throws `DataError` where there is none.
  func someRows(
    _ files: [String], _ schema: DataSchema, _ what: String
  ) throws -> (dataset: Dataset, statistics: DataStatistics) {
    let found = try rows(files, schema, what)
    guard found.dataset.rowCount > 0 else {
      throw DataError("there are no \(what)", at: files.first.map { .init(file: $0) })
    }
    return found
  }

  /// Encodes rows into a file to be streamed. Throws `DataError`, `FileError`.
  func stream(_ files: [String], _ schema: DataSchema, _ folder: String) throws -> StreamFile {
    let meter = ReadingMeter("encoding", files: files, verb: "encoded", observer)
    let damage = skipsDamage ? DamageLog() : nil
    let (file, outcome) = try DatasetCache(folder: folder).stream(
      files, schema: schema, options: ReadOptions(damage: damage, progress: meter.callback))
    meter.finish(rows: file.rowCount)
    try report(outcome)
    report(damage, beside: file.rowCount)
    return file
  }

  /// Opens arrays of images. Throws `DataError`.
  func images(_ files: [String]) throws -> [(file: String, array: ImageArray)] {
    guard !skipsDamage else {
      throw ExperimentError(
        .argument, "damaged records can be left out of a table, and the model learns from images")
    }
    return try files.map { ($0, try ImageArray(path: $0)) }
  }

  private func read<Result>(
    _ title: String, _ files: [String], _ rowLimit: Int?,
    _ body: (ReadOptions) throws -> Result, count: (Result) -> Int
  ) throws -> Result {
    let meter = ReadingMeter(title, files: files, observer)
    let damage = skipsDamage ? DamageLog() : nil
    var options = ReadOptions(rowLimit: rowLimit, damage: damage, progress: meter.callback)
    // A cache writes rows as they are fed to a program.
    options.keepsBytes = cache == nil
    let result = try body(options)
    meter.finish(rows: count(result))
    report(damage, beside: count(result))
    return result
  }

  /// Tells which records were left out.
  ///
  /// - Parameter rows: Those that were read.
  func report(_ damage: DamageLog?, beside rows: Int) {
    guard let damage, damage.count > 0 else { return }
    let share = Double(damage.count) / Double(damage.count + rows)
    observer.receive(
      .warning(
        "skipped \(Format.count(damage.count, "damaged record")), \(Format.percent(share)) of all,"
          + " the first of them:"))
    for error in damage.first { observer.receive(.note("  \(error)")) }
  }

  /// Throws `FileError` for rows that had to be kept and are not.
  private func report(_ outcome: DatasetCache.Outcome) throws {
    switch outcome {
    case .opened(let path): observer.receive(.note("opened \(path)"))
    case .built(let path, because: nil): observer.receive(.note("wrote \(path)"))
    case .built(let path, because: .some(let reason)):
      observer.receive(.note("wrote \(path) again: \(reason)"))
    case .notWritten(let error):
      if mustKeep { throw error }
      observer.receive(.warning("the rows are not kept in the cache: \(error)"))
    case .unsuitable: break
    }
  }
}
