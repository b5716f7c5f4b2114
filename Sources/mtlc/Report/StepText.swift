import Experiments
import Schema

/// How long steps take, as a table and as JSON.
enum StepText {
  static func text(_ report: BenchReport) -> String {
    let table = Table(
      [
        "batch", "threads", "µs/step", "p10", "p90", "rows/s", "GFLOP/s", "useful", "GB/s",
        "of peak",
      ], report.steps
    ) { step in
      [
        Format.count(step.rows), "\(step.threads)", Format.fixed(step.median, 1),
        Format.fixed(step.p10, 1), Format.fixed(step.p90, 1), Format.short(step.rowsPerSecond),
        Format.fixed(step.gigaflops, 1), Format.fixed(step.usefulGigaflops, 1),
        Format.fixed(step.gigabytesPerSecond, 1), Format.percent(step.peakFraction),
      ]
    }
    let peak = report.steps.map(\.peak).max() ?? 0
    return "\(report.name), \(report.program.rawValue) steps; measured peak "
      + "\(Format.fixed(peak / 1e9, 0)) GFLOP/s\n\n" + table.text + lookups(report)
      + exchanges(report)
  }

  /// What processes that share the steps spend on it.
  private static func exchanges(_ report: BenchReport) -> String {
    let lines = report.steps.compactMap { step in
      step.exchange.map { exchange in
        "batch \(Format.count(step.rows)): \(exchange.processes) processes, each sends"
          + " \(Format.bytes(Int(exchange.bytes))) in \(Format.fixed(exchange.messages, 0)) exchanges a step,"
          + " which take \(Format.fixed(exchange.microseconds, 1)) µs\n"
      }
    }
    return lines.isEmpty ? "" : "\n" + lines.joined() + (report.link.map(link) ?? "")
  }

  private static func link(_ link: LinkTimes) -> String {
    "between the processes: \(Format.fixed(link.latency, 1)) µs an exchange of 8 bytes, "
      + "\(Format.fixed(link.bytesPerSecond / 1e9, 2)) GB/s from each process\n"
  }

  /// How many table rows the steps look up, where a row of the batch has many ids.
  private static func lookups(_ report: BenchReport) -> String {
    let ids = report.idsPerRow
    guard ids >= 16 else { return "" }
    let rates = report.steps.map { Format.short($0.rowsPerSecond * Double(ids)) }
    return "\n\(ids) ids a row: \(rates.joined(separator: ", ")) table rows/s\n"
  }

  static func json(_ report: BenchReport) -> JSON {
    .array(
      report.steps.map { step in
        let members: JSON = [
          "batch": step.rows, "threads": step.threads, "step_us_median": step.median,
          "step_us_p10": step.p10, "step_us_p90": step.p90, "steps": step.steps,
          "rows_per_s": step.rowsPerSecond, "gflops_executed": step.gigaflops,
          "gflops_useful": step.usefulGigaflops, "bytes_per_step": step.bytes,
          "peak_fraction": step.peakFraction, "peak_gflops": step.peak / 1e9,
        ]
        let exchange: JSON? = step.exchange.map {
          [
            "processes": $0.processes, "exchange_us": $0.microseconds, "exchange_bytes": $0.bytes,
            "exchanges": $0.messages,
          ]
        }
        let link: JSON? = report.link.map {
          ["link_latency_us": $0.latency, "link_bytes_per_s": $0.bytesPerSecond]
        }
        return members + exchange + link
      })
  }
}
