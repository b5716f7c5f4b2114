import Experiments

/// How long the reading of files takes.
enum ReadingTimesText {
  static func text(_ times: ReadingTimes) -> String {
    var table = Table(["reading", "median", "least", "GB/s", "rows/s"])
    for reading in times.readings {
      let threads = reading.threads
      table.rows.append([
        reading.isCached ? "cache" : "text, \(threads) thread\(threads == 1 ? "" : "s")",
        Format.fixed(1000 * reading.median, 1) + " ms",
        Format.fixed(1000 * (reading.seconds.first ?? 0), 1) + " ms",
        reading.isCached ? "" : Format.fixed(times.gigabytesPerSecond(reading), 2),
        Format.short(times.rowsPerSecond(reading)),
      ])
    }
    return "\(Format.count(times.rowCount)) rows, \(Format.bytes(times.byteCount)) of text\n\n"
      + table.text
  }

  static func json(_ times: ReadingTimes) -> JSON {
    .object([
      ("rows", .integer(times.rowCount)), ("bytes", .integer(times.byteCount)),
      (
        "readings",
        .array(
          times.readings.map { reading in
            .object([
              ("from", .string(reading.isCached ? "cache" : "text")),
              ("threads", .integer(reading.threads)), ("median_seconds", .number(reading.median)),
              ("least_seconds", .optional(reading.seconds.first)),
              (
                "gigabytes_per_second",
                reading.isCached ? .null : .number(times.gigabytesPerSecond(reading))
              ),
            ])
          })
      ),
    ])
  }
}
