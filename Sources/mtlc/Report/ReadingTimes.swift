import Data
import Foundation
import Schema

/// How long the training files of a spec take to be read: vocabularies and normalisers learned, all
/// rows encoded, several times over; and to be opened from a cache.
struct ReadingTimes {
  struct Row {
    /// `text, 1 thread`.
    var what: String
    var threads: Int
    /// Sorted.
    var seconds: [Double]

    var median: Double { seconds[seconds.count / 2] }
  }

  private(set) var rows: [Row] = []
  private var rowCount = 0
  private var byteCount = 0

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
      try measure("text, \(count) thread\(count == 1 ? "" : "s")", count, repeats) {
        try declaration.fit(files, options: options).statistics
      }
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("mtlc-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = DatasetCache(folder: folder)
    switch try cache.fit(declaration, files).1 {
    case .built:
      try measure("cache", 1, repeats) { try cache.fit(declaration, files).0.statistics }
    case .notWritten(let error): throw error
    // There is none for rows of standard input.
    case .opened, .unsuitable: break
    }
  }

  private mutating func measure(
    _ what: String, _ threads: Int, _ repeats: Int, _ read: () throws -> DataStatistics
  ) throws {
    var seconds: [Double] = []
    for _ in 0..<repeats {
      let start = ContinuousClock.now
      let statistics = try read()
      seconds.append((ContinuousClock.now - start).seconds)
      (rowCount, byteCount) = (statistics.rows, statistics.bytes)
    }
    rows.append(Row(what: what, threads: threads, seconds: seconds.sorted()))
  }

  private func rate(_ seconds: Double) -> Double { Double(byteCount) / max(seconds, 1e-9) / 1e9 }

  var text: String {
    var table = Table(["reading", "median", "least", "GB/s", "rows/s"])
    for row in rows {
      let least = row.seconds.first ?? 0
      table.rows.append([
        row.what, Format.fixed(1000 * row.median, 1) + " ms",
        Format.fixed(1000 * least, 1) + " ms",
        row.what == "cache" ? "" : Format.fixed(rate(row.median), 2),
        Format.short(Double(rowCount) / max(row.median, 1e-9)),
      ])
    }
    return "\(Format.count(rowCount)) rows, \(Format.bytes(byteCount)) of text\n\n" + table.text
  }

  var json: JSON {
    .object([
      ("rows", .integer(rowCount)), ("bytes", .integer(byteCount)),
      (
        "readings",
        .array(
          rows.map { row in
            .object([
              ("from", .string(row.what == "cache" ? "cache" : "text")),
              ("threads", .integer(row.threads)), ("median_seconds", .number(row.median)),
              ("least_seconds", .optional(row.seconds.first)),
              ("gigabytes_per_second", row.what == "cache" ? .null : .number(rate(row.median))),
            ])
          })
      ),
    ])
  }
}
