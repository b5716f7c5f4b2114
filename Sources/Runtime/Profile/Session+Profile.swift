import CKernels
import Plan
import Schema

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
        let start = Platform.nanoseconds()
        call.kernel.run(call.arguments)
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
