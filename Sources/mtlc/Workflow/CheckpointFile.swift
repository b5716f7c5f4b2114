import Foundation
import Plan
import Runtime

/// Where a training run leaves off, to go on later bit for bit: weights, optimizer states and the
/// place in the data, as a plan file.
struct CheckpointFile {
  let path: String
  /// Whether one is written after each epoch, and not only when the run is asked to stop.
  let isEachEpoch: Bool

  init(folder: String, isEachEpoch: Bool) {
    path = "\(folder)/checkpoint.bin"
    self.isEachEpoch = isEachEpoch
  }

  /// Throws `FileError`.
  func write(_ engine: StaticEngine, at position: TrainingPosition) throws {
    try PlanFile.write(engine.checkpoint(at: position), to: path)
  }

  /// The checkpoint of a run of this plan. Throws a plan error when it is another's, or none.
  func read(for plan: Plan) throws -> (plan: Plan, position: TrainingPosition) {
    let found = try PlanFile.read(path)
    guard let progress = found.progress else {
      throw ToolError(.plan, "\(path): the plan is no checkpoint")
    }
    var bare = found
    bare.weights = nil
    bare.progress = nil
    // More epochs than were planned are no other run.
    bare.training.epochs = plan.training.epochs
    var wanted = plan
    bare.specText = ""
    wanted.specText = ""
    guard bare == wanted else {
      throw ToolError(
        .plan, "\(path): the checkpoint is that of another spec or of other data",
        hint: "without --resume training starts afresh")
    }
    var resumed = found
    resumed.training.epochs = plan.training.epochs
    resumed.specText = plan.specText
    return (resumed, TrainingPosition(resumed, progress))
  }
}
