import Data
import Schema

/// What the rows of a spec hold.
extension Experiment {
  /// What each column of the training and test rows holds.
  ///
  /// - Parameter rowLimit: Looks at the first rows only.
  public func statistics(
    rowLimit: Int? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> (training: DataStatistics, test: DataStatistics?) {
    try ExperimentError.wrap {
      let fitted = try fit(rowLimit: rowLimit, observer)
      let test = try testRows(fitted, rowLimit: rowLimit, observer)
      return (fitted.statistics, test?.statistics)
    }
  }

  /// The first training rows as a model reads them: numbers scaled, ids as numbers.
  public func firstRows(
    _ count: Int, observer: any Observer = .silent
  ) throws(ExperimentError) -> RowListing {
    try ExperimentError.wrap { RowListing(try fit(observer), rows: count) }
  }

  /// Writes the encoded rows of all files into a cache.
  ///
  /// - Parameter folder: Where it goes; nil for the spec's `data.cache`.
  /// - Returns: The folder, and how many rows there are of each kind.
  public func convertRows(
    to folder: String? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> (folder: String, rows: [(set: String, count: Int)]) {
    guard let folder = folder ?? spec.files.cache else {
      throw ExperimentError(
        .argument, "data convert needs a folder",
        hint: "set data.cache in the spec, or give -o FOLDER")
    }
    return try ExperimentError.wrap {
      try OutputFolder.use(folder) { try convertRows(into: folder, observer) }
    }
  }

  private func convertRows(
    into folder: String, _ observer: any Observer
  ) throws -> (folder: String, rows: [(set: String, count: Int)]) {
    try requireTables()
    try prepareFiles(observer)
    let reading = RowReading(
      cache: folder, skipsDamage: skipsDamagedRecords, mustKeep: true, observer: observer)
    let fitted = try reading.fit(spec.dataDeclaration, spec.files.train)
    var counts = [(set: "train", count: fitted.dataset.rowCount)]
    for (name, files) in [("validation", spec.files.validation), ("test", spec.files.test)]
    where !files.isEmpty {
      let rows = try reading.rows(files, fitted.schema, "\(name) rows").dataset
      counts.append((name, rows.rowCount))
    }
    return (folder, counts)
  }

  /// Times the reading of the training files, from text on each number of threads and from a cache.
  ///
  /// - Parameter threads: nil for one thread and all.
  public func readingTimes(
    threads: Int? = nil, repeats: Int = 9, observer: any Observer = .silent
  ) throws(ExperimentError) -> ReadingTimes {
    try ExperimentError.wrap {
      try requireTables()
      try prepareFiles(observer)
      let cores = ProcessInfo.processInfo.activeProcessorCount
      return try ReadingTimes(
        spec.dataDeclaration, spec.files.train,
        threads: threads.map { [$0] } ?? (cores > 1 ? [1, cores] : [1]), repeats: repeats)
    }
  }
}
