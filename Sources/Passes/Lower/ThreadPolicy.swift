import Plan
import TensorTypes

/// How many threads a program is worth: a barrier a level has to be paid for.
enum ThreadPolicy {
  /// Arithmetic a core does in a microsecond, and elements it moves.
  private static let flopsPerMicrosecond = 150_000.0
  private static let elementsPerMicrosecond = 4_000.0
  /// What one level costs when threads meet at its end, in microseconds.
  private static let barrier = 0.4

  static func threads(_ instructions: [Instruction], levels: Int, rows: Int) -> Int {
    var microseconds = 0.0
    for instruction in instructions {
      let cost = instruction.cost(rows: rows)
      microseconds +=
        Double(cost.flops) / flopsPerMicrosecond + Double(cost.elements) / elementsPerMicrosecond
    }
    let spare = microseconds - 2 * Double(levels) * barrier
    guard spare > 2 else { return 1 }
    return max(2, min(64, Int(spare / 4)))
  }
}
