import Plan
import Runtime
import Schema

/// How long the steps of a program take: the distribution over a second or so of steps.
struct StepTimes {
  var rows: Int
  var threads: Int
  /// In microseconds.
  var median: Double
  var p10: Double
  var p90: Double
  var steps: Int
  /// Arithmetic and traffic of one step as executed.
  var flops: Double
  var bytes: Double
  /// Arithmetic of the products of the unfused dense model.
  var usefulFlops: Double
  /// What the machine's cores can do at best, in operations a second.
  var peak: Double

  var rowsPerSecond: Double { Double(rows) / median * 1e6 }
  var gigaflops: Double { flops / median / 1e3 }
  var usefulGigaflops: Double { usefulFlops / median / 1e3 }
  var peakFraction: Double { peak > 0 ? gigaflops * 1e9 / peak : 0 }

  /// Runs a program until it is warm, then takes the time of each step; `refill` comes before a step
  /// and is not counted.
  static func measure(
    _ session: Session, _ program: Program, seconds: Double, usefulFlops: Double, peak: Double,
    refill: (() throws -> Void)? = nil
  ) throws -> StepTimes {
    let rows = program.batchCapacity
    let clock = ContinuousClock()
    let warm = clock.now + .seconds(seconds / 4)
    repeat { try session.run(program.kind, rows: rows) } while clock.now < warm
    var times: [Double] = []
    let end = clock.now + .seconds(seconds)
    while times.count < 21 || (clock.now < end && times.count < 1_000_000) {
      try refill?()
      let start = clock.now
      try session.run(program.kind, rows: rows)
      times.append((clock.now - start).seconds * 1e6)
    }
    times.sort()
    let costs = program.instructions.map { $0.cost(rows: rows) }
    return StepTimes(
      rows: rows, threads: min(session.threads, program.threads), median: times[times.count / 2],
      p10: times[times.count / 10], p90: times[times.count * 9 / 10], steps: times.count,
      flops: costs.reduce(0) { $0 + Double($1.flops) },
      bytes: costs.reduce(0) { $0 + 4 * Double($1.elements) }, usefulFlops: usefulFlops, peak: peak)
  }

  static let columns = [
    "batch", "threads", "µs/step", "p10", "p90", "rows/s", "GFLOP/s", "useful", "GB/s", "of peak",
  ]

  var cells: [String] {
    [
      Format.count(rows), "\(threads)", Format.fixed(median, 1), Format.fixed(p10, 1),
      Format.fixed(p90, 1), Format.short(rowsPerSecond), Format.fixed(gigaflops, 1),
      Format.fixed(usefulGigaflops, 1), Format.fixed(bytes / median / 1e3, 1),
      Format.percent(peakFraction),
    ]
  }

  var json: JSON {
    .object([
      ("batch", .integer(rows)), ("threads", .integer(threads)),
      ("step_us_median", .number(median)), ("step_us_p10", .number(p10)),
      ("step_us_p90", .number(p90)), ("steps", .integer(steps)),
      ("rows_per_s", .number(rowsPerSecond)), ("gflops_executed", .number(gigaflops)),
      ("gflops_useful", .number(usefulGigaflops)), ("bytes_per_step", .number(bytes)),
      ("peak_fraction", .number(peakFraction)), ("peak_gflops", .number(peak / 1e9)),
    ])
  }
}
