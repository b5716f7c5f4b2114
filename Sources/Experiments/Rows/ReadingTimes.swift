import Data
import Schema

/// How long the training files of a spec take to be read: vocabularies and normalisers learned, all
/// rows encoded, several times over; and to be opened from a cache.
public struct ReadingTimes: Sendable {
  public struct Reading: Sendable {
    public var isCached: Bool
    public var threads: Int
    /// Sorted, one for each repeat.
    public var seconds: [Double]

    public var median: Double { seconds[seconds.count / 2] }
  }

  public private(set) var readings: [Reading] = []
  public private(set) var rowCount = 0
  /// Bytes of text.
  public private(set) var byteCount = 0

  /// - Parameters:
  ///   - threads: one measurement for each.
  ///   - repeats: how often the files are read; at least 1.
  /// - Throws: `DataError`, `FileError`.
  init(
    _ declaration: DataDeclaration, _ files: [String], threads: [Int], repeats: Int
  ) throws {
    for count in threads {
      var options = ReadOptions(threads: count)
      // As rows are read for training.
      options.keepsBytes = true
      try measure(isCached: false, count, repeats) {
        try declaration.fit(files, options: options).statistics
      }
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("mtlc-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = DatasetCache(folder: folder)
    switch try cache.fit(declaration, files).1 {
    case .built:
      try measure(isCached: true, 1, repeats) { try cache.fit(declaration, files).0.statistics }
    case .notWritten(let error): throw error
    // There is none for rows of standard input.
    case .opened, .unsuitable: break
    }
  }

  private mutating func measure(
    isCached: Bool, _ threads: Int, _ repeats: Int, _ read: () throws -> DataStatistics
  ) throws {
    var seconds: [Double] = []
    for _ in 0..<repeats {
      let start = ContinuousClock.now
      let statistics = try read()
      seconds.append((ContinuousClock.now - start).seconds)
      (rowCount, byteCount) = (statistics.rows, statistics.bytes)
    }
    readings.append(
      Reading(isCached: isCached, threads: threads, seconds: seconds.sorted()))
  }

  /// Text that was read in the median time, or would have been but for the cache.
  public func gigabytesPerSecond(_ reading: Reading) -> Double {
    Double(byteCount) / max(reading.median, 1e-9) / 1e9
  }

  public func rowsPerSecond(_ reading: Reading) -> Double {
    Double(rowCount) / max(reading.median, 1e-9)
  }
}
