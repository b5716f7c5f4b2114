import Experiments

/// How long steps take, as a table and as JSON.
enum StepText {
  private static let columns = [
    "batch", "threads", "µs/step", "p10", "p90", "rows/s", "GFLOP/s", "useful", "GB/s", "of peak",
  ]

  static func text(_ report: BenchReport) -> String {
    var table = Table(columns)
    table.rows = report.steps.map(cells)
    let peak = report.steps.map(\.peak).max() ?? 0
    return "\(report.name), \(report.program.rawValue) steps; measured peak "
      + "\(Format.fixed(peak / 1e9, 0)) GFLOP/s\n\n" + table.text + lookups(report)
  }

  private static func cells(_ step: StepTimes) -> [String] {
    [
      Format.count(step.rows), "\(step.threads)", Format.fixed(step.median, 1),
      Format.fixed(step.p10, 1), Format.fixed(step.p90, 1), Format.short(step.rowsPerSecond),
      Format.fixed(step.gigaflops, 1), Format.fixed(step.usefulGigaflops, 1),
      Format.fixed(step.gigabytesPerSecond, 1), Format.percent(step.peakFraction),
    ]
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
        .object([
          ("batch", .integer(step.rows)), ("threads", .integer(step.threads)),
          ("step_us_median", .number(step.median)), ("step_us_p10", .number(step.p10)),
          ("step_us_p90", .number(step.p90)), ("steps", .integer(step.steps)),
          ("rows_per_s", .number(step.rowsPerSecond)),
          ("gflops_executed", .number(step.gigaflops)),
          ("gflops_useful", .number(step.usefulGigaflops)),
          ("bytes_per_step", .number(step.bytes)), ("peak_fraction", .number(step.peakFraction)),
          ("peak_gflops", .number(step.peak / 1e9)),
        ])
      })
  }
}
