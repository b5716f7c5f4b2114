import Experiments
import Schema

/// How long the reading of files takes.
enum ReadingTimesText {
  static func text(_ times: ReadingTimes) -> String {
    let table = Table(["reading", "median", "least", "GB/s", "rows/s"], times.readings) {
      [
        $0.isCached ? "cache" : "text, \(Format.count($0.threads, "thread"))",
        Format.fixed(1000 * $0.median, 1) + " ms",
        Format.fixed(1000 * ($0.seconds.first ?? 0), 1) + " ms",
        $0.isCached ? "" : Format.fixed(times.gigabytesPerSecond($0), 2),
        Format.short(times.rowsPerSecond($0)),
      ]
    }
    return "\(Format.count(times.rowCount)) rows, \(Format.bytes(times.byteCount)) of text\n\n"
      + table.text
  }

  static func json(_ times: ReadingTimes) -> JSON {
    let readings: [JSON] = times.readings.map {
      [
        "from": $0.isCached ? "cache" : "text", "threads": $0.threads,
        "median_seconds": $0.median, "least_seconds": $0.seconds.first,
        "gigabytes_per_second": $0.isCached ? nil : times.gigabytesPerSecond($0),
      ]
    }
    return ["rows": times.rowCount, "bytes": times.byteCount, "readings": readings]
  }
}
