import Plan
import Runtime
import Testing

/// Plans that were changed by somebody who made the checksum right again: the validator refuses
/// them, or they run without touching memory that is not theirs.
@Suite struct HostilePlanTests {
  private struct Random {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, bound)
    }
  }

  /// Runs every program of the plan once, on the most extreme ids there are.
  private func run(_ plan: Plan) throws {
    // What would not fit is refused before a session is made.
    guard plan.memoryBytes < 1 << 28 else { return }
    let session = try Session(plan: plan, threads: 1)
    for program in plan.programs {
      for feed in try session.feeds(program.kind) where feed.isInteger {
        let extremes: [Int32] = [0, 1, -1, .max, .min, 7]
        for index in 0..<feed.width * feed.capacity {
          feed.base.storeBytes(
            of: extremes[index % extremes.count], toByteOffset: 4 * index, as: Int32.self)
        }
      }
      // Odd numbers of rows take the paths at the edges.
      for rows in [1, 3, program.batchCapacity] where rows <= program.batchCapacity {
        try session.run(program.kind, rows: rows)
      }
    }
  }

  @Test func whatTheValidatorAcceptsRuns() throws {
    let bench = try Workbench()
    try bench.expect(
      0,
      [
        "compile", "spec.json5", "-o", "plan.bin", "--set", "training.eval_batch_size=16", "--set",
        "training.batch_size=8",
      ])
    let plan = try Plan(decoding: try bench.bytes("plan.bin"))
    try run(plan)
    var random = Random(state: 5)
    var accepted = 0
    let bytes = plan.encoded()
    let start = PlanFormat.headerBytes
    for _ in 0..<1500 {
      var mutated = bytes
      for _ in 0...random.below(2) {
        let place = start + random.below(bytes.count - start - PlanFormat.checksumBytes)
        // Small changes are the ones that have a chance.
        mutated[place] = mutated[place] &+ [1, 2, 254, 255, 16][random.below(5)]
      }
      let body = mutated.count - PlanFormat.checksumBytes
      let sum = Checksum.of(mutated, count: body)
      for byte in 0..<8 { mutated[body + byte] = UInt8(truncatingIfNeeded: sum >> (8 * byte)) }
      guard let changed = try? Plan(decoding: mutated), changed != plan else { continue }
      accepted += 1
      try? run(changed)
    }
    // Changed names, seeds and constants are nobody's harm.
    #expect(accepted > 40)
  }
}
