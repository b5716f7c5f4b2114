import Data
import ModelDefs
import Schema

/// How a command reads rows: through a cache if there is one, damaged records left out or not.
struct RowReading {
  enum OnError: String, CaseIterable { case stop, skip }

  let cache: DatasetCache?
  let skipsDamage: Bool
  let log: Log
  /// Whether rows that cannot be kept are an error and not a warning.
  private let mustKeep: Bool

  private init(cache: DatasetCache?, skipsDamage: Bool, log: Log) {
    self.cache = cache
    self.skipsDamage = skipsDamage
    self.log = log
    mustKeep = false
  }

  /// The same without a cache.
  var uncached: RowReading { RowReading(cache: nil, skipsDamage: skipsDamage, log: log) }

  init(_ arguments: Arguments, cache: String? = nil, mustKeep: Bool = false) throws {
    self.mustKeep = mustKeep
    log = Log(arguments)
    self.cache = cache.map { DatasetCache(folder: $0) }
    skipsDamage = try arguments.choice(.onError, OnError.self) == .skip
  }

  /// Learns vocabularies and normalisers. Throws `DataError`.
  func fit(
    _ declaration: DataDeclaration, _ files: [String], rowLimit: Int? = nil
  ) throws -> FittedData {
    try read("reading", files, rowLimit) { options in
      if let cache {
        let (fitted, outcome) = try cache.fit(declaration, files, options: options)
        try report(outcome)
        return (fitted, fitted.dataset)
      }
      let fitted = try declaration.fit(files, options: options)
      return (fitted, fitted.dataset)
    }
  }

  /// Encodes rows as a fitted schema says. Throws `DataError`.
  func rows(
    _ files: [String], _ schema: DataSchema, _ what: String, rowLimit: Int? = nil
  ) throws -> (dataset: Dataset, statistics: DataStatistics) {
    try read("reading \(what)", files, rowLimit) { options in
      if let cache {
        let (dataset, statistics, outcome) = try cache.read(
          files, schema: schema, options: options)
        try report(outcome)
        return ((dataset, statistics), dataset)
      }
      let (dataset, statistics) = try Dataset.read(files, schema: schema, options: options)
      return ((dataset, statistics), dataset)
    }
  }

  /// Encodes rows into a file to be streamed. Throws `DataError`, `FileError`.
  func stream(_ files: [String], _ schema: DataSchema, _ folder: String) throws -> StreamFile {
    let meter = ReadingMeter("encoding", files: files, verb: "encoded", log: log)
    let damage = skipsDamage ? DamageLog() : nil
    let (file, outcome) = try DatasetCache(folder: folder).stream(
      files, schema: schema, options: ReadOptions(damage: damage, progress: meter.callback))
    meter.finish(rows: file.rowCount)
    try report(outcome)
    report(damage)
    return file
  }

  private func read<T>(
    _ title: String, _ files: [String], _ rowLimit: Int?,
    _ body: (ReadOptions) throws -> (T, Dataset)
  ) throws -> T {
    let meter = ReadingMeter(title, files: files, log: log)
    let damage = skipsDamage ? DamageLog() : nil
    var options = ReadOptions(rowLimit: rowLimit, damage: damage, progress: meter.callback)
    // A cache writes rows as they are fed to a program.
    options.keepsBytes = cache == nil
    let (result, dataset) = try body(options)
    meter.finish(rows: dataset.rowCount)
    report(damage)
    return result
  }

  private func report(_ damage: DamageLog?) {
    guard let damage, damage.count > 0 else { return }
    log.warning("skipped \(Format.count(damage.count, "damaged record")), the first of them:")
    for error in damage.first { log.note("  \(error)") }
  }

  /// Throws `FileError` for rows that had to be kept and are not.
  private func report(_ outcome: DatasetCache.Outcome) throws {
    switch outcome {
    case .opened(let path): log.note("opened \(path)")
    case .built(let path, because: nil): log.note("wrote \(path)")
    case .built(let path, because: .some(let reason)):
      log.note("wrote \(path) again: \(reason)")
    case .notWritten(let error):
      if mustKeep { throw error }
      log.warning("the rows are not kept in the cache: \(error)")
    case .unsuitable: break
    }
  }
}

extension OptionSpec {
  static let onError = OptionSpec(
    "--on-error", .value("stop|skip"),
    "stop (default) at the first damaged record, or skip such records and count them")
}
