/// The rates of a machine: by them work is shared between threads, wherever that is decided. No plan
/// holds any of it, and no result depends on it.
package struct CostModel: Sendable, Hashable {
  /// Arithmetic of one core in a nanosecond, and elements that it moves.
  package var flops = 60.0
  package var elements = 4.0
  /// What a call takes that does nothing, and what threads take to meet, in nanoseconds.
  package var call = 30.0
  package var barrier = 400.0

  package init() {}

  /// About how long the work takes on one core.
  package func nanoseconds(_ cost: InstructionCost) -> Double {
    call + max(Double(cost.flops) / flops, Double(cost.elements) / elements)
  }

  /// How many threads pay for a program at its batch capacity: a meeting a level is to be paid for.
  package func threads(for program: Program) -> Int {
    let work = program.instructions.reduce(0) {
      $0 + nanoseconds($1.cost(rows: program.batchCapacity))
    }
    let spare = work - 2 * Double(program.levels.count) * barrier
    guard spare > 2_000 else { return 1 }
    return max(2, Int(min(64, spare / 4_000)))
  }
}
