import Data
import Plan
import Runtime
import Schema

/// Where the time of a program goes, instruction by instruction, on one thread and made-up rows.
public struct ProgramProfile: Sendable {
  /// `train`, `predict` …
  public var program: String
  public var rows: Int
  public var instructions: [InstructionProfile]
  /// What one core can do at best, in operations a second.
  public var corePeak: Double
}

extension CompiledPlan {
  /// Runs each program on made-up rows.
  public func profile() throws(ExperimentError) -> [ProgramProfile] {
    try ExperimentError.wrap {
      let session = try Session(plan: plan, threads: 1)
      let peak = MachinePeak.flopsPerSecond(threads: 1)
      return try plan.programs.map { program in
        let rows = program.batchCapacity
        var random = SplitMix64(seed: 1)
        SyntheticFeeds.fill(try session.feeds(program.kind), of: plan, rows: rows, &random)
        return ProgramProfile(
          program: program.kind.rawValue, rows: rows,
          instructions: try session.profile(program.kind, rows: rows, repeats: 21),
          corePeak: peak)
      }
    }
  }
}
