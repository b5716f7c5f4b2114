import Plan
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
  /// Of a step that processes share; nil for one alone.
  public var exchange: Exchange?

  /// What a step of one process costs beside its computation.
  public struct Exchange: Sendable {
    public var processes: Int
    /// The mean, waiting for other processes included.
    public var microseconds: Double
    /// That this process sends.
    public var bytes: Double
    public var messages: Double
  }

  public var rowsPerSecond: Double { Double(rows) / median * 1e6 }
  public var gigaflops: Double { flops / median / 1e3 }
  public var usefulGigaflops: Double { usefulFlops / median / 1e3 }
  public var gigabytesPerSecond: Double { bytes / median / 1e3 }
  public var peakFraction: Double { peak > 0 ? gigaflops * 1e9 / peak : 0 }

  /// Takes steps until they are warm, then the time of each; `refill` comes before a step and is not counted.
  /// - Parameters:
  ///   - threads: That a step uses.
  ///   - runs: The programs of a step, with the rows of a run and how often it runs.
  ///   - goesOn: Makes of what this process would do what all processes do that share the steps.
  static func measure(
    rows: Int, threads: Int, _ runs: [(program: Program, rows: Int, count: Int)], seconds: Double,
    usefulFlops: Double, peak: Double, step: () throws -> Void,
    refill: (() throws -> Void)? = nil, goesOn: (Bool) throws -> Bool = { $0 }
  ) throws -> StepTimes {
    let clock = ContinuousClock()
    let warm = clock.now + .seconds(seconds / 4)
    repeat { try step() } while try goesOn(clock.now < warm)
    var times: [Double] = []
    let end = clock.now + .seconds(seconds)
    while try goesOn(times.count < 21 || (clock.now < end && times.count < 1_000_000)) {
      try refill?()
      let start = clock.now
      try step()
      times.append((clock.now - start).seconds * 1e6)
    }
    times.sort()
    let costs = runs.flatMap { run in
      run.program.instructions.map { (cost: $0.cost(rows: run.rows), count: Double(run.count)) }
    }
    return StepTimes(
      rows: rows, threads: threads, median: times[times.count / 2],
      p10: times[times.count / 10], p90: times[times.count * 9 / 10], steps: times.count,
      flops: costs.reduce(0) { $0 + Double($1.cost.flops) * $1.count },
      bytes: costs.reduce(0) { $0 + 4 * Double($1.cost.elements) * $1.count },
      usefulFlops: usefulFlops, peak: peak)
  }
}
