import Plan
import Runtime
import Schema

/// How long the steps of a program take: the distribution over a second or so of steps.
public struct StepTimes: Sendable {
  public var rows: Int
  public var threads: Int
  /// In microseconds.
  public var median: Double
  public var p10: Double
  public var p90: Double
  public var steps: Int
  /// Arithmetic and traffic of one step as executed.
  public var flops: Double
  public var bytes: Double
  /// Arithmetic of the products of the unfused dense model.
  public var usefulFlops: Double
  /// What the machine's cores can do at best, in operations a second.
  public var peak: Double

  public var rowsPerSecond: Double { Double(rows) / median * 1e6 }
  public var gigaflops: Double { flops / median / 1e3 }
  public var usefulGigaflops: Double { usefulFlops / median / 1e3 }
  public var gigabytesPerSecond: Double { bytes / median / 1e3 }
  public var peakFraction: Double { peak > 0 ? gigaflops * 1e9 / peak : 0 }

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
      rows: rows, threads: session.threads(for: program), median: times[times.count / 2],
      p10: times[times.count / 10], p90: times[times.count * 9 / 10], steps: times.count,
      flops: costs.reduce(0) { $0 + Double($1.flops) },
      bytes: costs.reduce(0) { $0 + 4 * Double($1.elements) }, usefulFlops: usefulFlops, peak: peak)
  }
}
