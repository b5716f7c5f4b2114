import Foundation
import Plan

/// Refuses what cannot fit before it is allocated.
enum MemoryCheck {
  /// Throws a memory error with the estimate.
  static func require(_ plan: Plan) throws {
    let needed = plan.memoryBytes
    let present = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard needed > present else { return }
    let largest = plan.parameters.max { $0.rows * $0.columns < $1.rows * $1.columns }
    let tables = largest.map {
      "; the largest parameter is \($0.name) with \(Format.count($0.rows * $0.columns)) weights"
    }
    throw ToolError(
      .memory,
      "the plan needs \(Format.bytes(needed)) of memory, the machine has \(Format.bytes(present)):"
        + " \(Format.count(plan.parameterFloats)) weights with their gradients and"
        + " \(plan.training.optimizer.stateCount) optimizer states" + (tables ?? ""),
      hint: "lower hash_bucket_size, embedding_dim, the layers or training.batch_size")
  }
}
