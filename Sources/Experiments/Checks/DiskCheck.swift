import Plan
import Schema

/// Refuses a run whose results would not fit on the disk, before its first step.
enum DiskCheck {
  /// Throws an output error with the estimate.
  /// - Parameter checkpoints: Where the run leaves its plan, too.
  static func require(_ plan: Plan, _ checkpoints: Checkpoints) throws {
    let weights = plan.parameterFloats.times(4)
    let states = weights.times(1 + plan.training.optimizer.stateBlocks)
    var needed = plan.training.savesOptimizer ? states : weights
    if checkpoints.isEachEpoch {
      // A checkpoint replaces the one before it once it is whole.
      let isReplaced = plan.training.epochs > 1 && !checkpoints.resumes
      needed = max(needed, isReplaced ? states.times(2) : states)
    }
    guard let free = free(checkpoints.folder), needed > free else { return }
    throw ExperimentError(
      .output,
      "\(checkpoints.folder): the results need \(Format.bytes(needed)), its disk has"
        + " \(Format.bytes(free)) left", hint: "make room, or take another folder")
  }

  /// Bytes that are left for files in a folder; nil where the system does not say.
  private static func free(_ folder: String) -> Int? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { return nil }
    return Int(clamping: status.f_bavail).times(Int(clamping: status.f_frsize))
  }
}
