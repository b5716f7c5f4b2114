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
      report.steps.map {
        [
          "batch": $0.rows, "threads": $0.threads, "step_us_median": $0.median,
          "step_us_p10": $0.p10, "step_us_p90": $0.p90, "steps": $0.steps,
          "rows_per_s": $0.rowsPerSecond, "gflops_executed": $0.gigaflops,
          "gflops_useful": $0.usefulGigaflops, "bytes_per_step": $0.bytes,
          "peak_fraction": $0.peakFraction, "peak_gflops": $0.peak / 1e9,
        ]
      })
  }
}
