import CKernels
import Plan

/// Where the time of one instruction goes.
public struct InstructionProfile: Sendable, Hashable {
  /// The instruction's place in its program.
  public var index: Int
  /// Its kernel family, as `matmul`.
  public var name: String
  /// What its first result holds, as far as the plan says.
  public var label: String
  /// The level that it belongs to.
  public var level: Int
  /// Into how many tiles its kernel cuts the work.
  public var tiles: Int
  /// The median over the repeats, on one thread.
  public var nanoseconds: Double
  /// Additions and multiplications as executed, and bytes read and written, each element once.
  public var flops: Double
  public var bytes: Double

  public var gigaflopsPerSecond: Double { nanoseconds > 0 ? flops / nanoseconds : 0 }
  public var gigabytesPerSecond: Double { nanoseconds > 0 ? bytes / nanoseconds : 0 }
}

extension Session {
  /// Runs a program `repeats` times on the caller's thread alone, taking each instruction's time.
  /// Runs of the train program are steps: they move the parameters and count.
  public func profile(_ kind: Program.Kind, rows: Int, repeats: Int) throws(SessionError)
    -> [InstructionProfile]
  {
    let linked = try program(kind)
    let calls = linked.linkedCalls
    let repeats = max(1, repeats)
    var times = [[UInt64]](
      repeating: [UInt64](repeating: 0, count: repeats), count: linked.program.instructions.count)
    let mode = mtlc_float_mode_flush()
    defer { mtlc_float_mode_restore(mode) }
    for k in 0..<repeats {
      _ = try prepare(kind, rows: rows)
      for call in calls {
        let tiles = Int64(call.kernel.tiles(call.arguments))
        let start = Platform.nanoseconds()
        call.kernel.run(call.arguments, 0, tiles)
        times[call.instruction][k] += Platform.nanoseconds() - start
      }
      finish(kind)
    }
    var profiles: [InstructionProfile] = []
    for (index, instruction) in linked.program.instructions.enumerated() {
      let own = calls.filter { $0.instruction == index }
      let cost = instruction.cost(rows: rows)
      let buffer = instruction.writes.first.map { linked.program[$0.buffer] }
      profiles.append(
        InstructionProfile(
          index: index, name: instruction.name, label: buffer?.label ?? "",
          level: own.first?.level ?? 0,
          tiles: own.reduce(0) { $0 + $1.kernel.tiles($1.arguments) },
          nanoseconds: Double(times[index].sorted()[repeats / 2]), flops: Double(cost.flops),
          bytes: 4 * Double(cost.elements)))
    }
    return profiles
  }
}
