import Data
import ModelDefs
import Plan
import Runtime
import Schema

/// Training in processes of which each owns a part of the rows of tables.
extension Experiment {
  /// Over how many processes the rows of tables are spread; 1 where each process has them whole.
  var shardCount: Int { spec.tablePlacement == .sharded ? workers?.count ?? 1 : 1 }

  /// Refuses what takes whole tables where each process has a part of them.
  func requireShards() throws {
    guard shardCount > 1 else { return }
    var refused: (key: String, why: String)?
    if spec.training.clipping.value != nil {
      refused = ("training.\(TrainingKeys.clipValue.name)", "clips the gradients of whole tables")
    }
    if let index = spec.features.firstIndex(where: { $0.pretrained?.isTrainable == true }) {
      refused = (
        "features.\(spec.features[index].name).pretrained", "gives whole tables their start values"
      )
    }
    if spec.initial != nil {
      refused = (
        "training.\(TrainingKeys.initializeFrom.name)", "gives whole tables their start values"
      )
    }
    guard let refused else { return }
    throw ExperimentError(
      .spec,
      "\(spec.file): \(refused.key) \(refused.why), which no process has where"
        + " \(ShardedTraining.key) is \"sharded\"", hint: ShardedTraining.hint)
  }
}

enum ShardedTraining {
  static let key = "training.sparse_optimizer.placement"
  static let hint = "set \(key) to \"replicated\", or train in one process"

  /// The plan of a process. Throws a spec error that names the table that cannot be spread.
  static func shards(_ plan: Plan, _ workers: Workers) throws -> TableShards {
    do {
      let shards = try TableShards(plan, rank: workers.rank, count: workers.count)
      try MemoryCheck.require(shards.plan, bytes: shards.memoryBytes)
      return shards
    } catch let error as ShardError {
      throw ExperimentError(.spec, "\(key) is \"sharded\", but \(error)", hint: hint)
    }
  }

  /// What a process says that is asked for the whole plan.
  static var noWholePlan: ExperimentError {
    ExperimentError(
      .argument, "no process has the whole plan where \(key) is \"sharded\"",
      hint: "write it to a file, and read that where there is memory for it")
  }
}

extension StaticEngine {
  /// Writes the trained plan, or a checkpoint, piece by piece, whole or not at all: the first process of those that
  /// share tables, which all call it.
  /// - Returns: The bytes of the file; 0 at other processes.
  @discardableResult
  func writeShards(to path: String, at position: TrainingPosition? = nil) throws -> Int {
    let file = workers?.rank == 0 ? try AtomicFile(path) : nil
    var count = 0
    try encode(at: position) { bytes in
      count += bytes.count
      try file?.write(bytes)
    }
    try file?.commit()
    return count
  }
}
