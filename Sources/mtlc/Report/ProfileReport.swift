import Experiments
import Schema

/// Where the time of a step goes, instruction by instruction.
enum ProfileReport {
  /// - Parameter peak: What one core can do at best, in operations a second.
  static func text(_ profiles: [InstructionProfile], peak: Double) -> String {
    let total = profiles.reduce(0) { $0 + $1.nanoseconds }
    let table = Table(
      ["level", "kernel", "µs", "share", "Mflop", "GFLOP/s", "KB", "GB/s", "of peak", "result"],
      left: [1, 9], profiles
    ) { profile in
      [
        "\(profile.level)", profile.name, Format.fixed(profile.nanoseconds / 1e3, 2),
        Format.percent(total > 0 ? profile.nanoseconds / total : 0),
        Format.fixed(profile.flops / 1e6, 3), Format.fixed(profile.gigaflopsPerSecond, 1),
        Format.fixed(profile.bytes / 1e3, 1), Format.fixed(profile.gigabytesPerSecond, 1),
        Format.percent(peak > 0 ? profile.gigaflopsPerSecond * 1e9 / peak : 0), profile.label,
      ]
    }
    return table.text + "total \(Format.fixed(total / 1e3, 1)) µs\n"
  }

  /// Each program of a plan.
  static func text(_ profiles: [ProgramProfile]) -> String {
    profiles.map { profile in
      "\(profile.program), \(Format.count(profile.rows)) rows, one thread; measured peak "
        + "\(Format.fixed(profile.corePeak / 1e9, 0)) GFLOP/s\n"
        + text(profile.instructions, peak: profile.corePeak) + "\n"
    }.joined()
  }

  static func json(_ profiles: [ProgramProfile]) -> JSON {
    .object(profiles) { profile in
      let instructions: [JSON] = profile.instructions.map {
        [
          "level": $0.level, "kernel": $0.name, "nanoseconds": $0.nanoseconds, "flops": $0.flops,
          "bytes": $0.bytes, "result": $0.label,
        ]
      }
      return (profile.program, .array(instructions))
    }
  }
}
