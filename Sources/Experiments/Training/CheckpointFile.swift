import Plan
import Runtime

/// Where a training run leaves off, to go on later bit for bit: weights, optimizer states and the
/// place in the data, as a plan file `checkpoint.bin` in a folder.
public struct Checkpoints: Sendable, Hashable {
  public var folder: String
  /// Whether one is written after each epoch, and not only when the run is asked to stop.
  public var isEachEpoch: Bool
  /// Whether the run goes on from the one that is there.
  public var resumes: Bool

  public init(in folder: String, isEachEpoch: Bool = false, resumes: Bool = false) {
    self.folder = folder
    self.isEachEpoch = isEachEpoch
    self.resumes = resumes
  }
}

/// Reads and writes the file of `Checkpoints`.
struct CheckpointFile {
  let path: String
  let isEachEpoch: Bool

  init(_ checkpoints: Checkpoints) {
    path = "\(checkpoints.folder)/checkpoint.bin"
    isEachEpoch = checkpoints.isEachEpoch
  }

  /// Throws `FileError`.
  func write(_ engine: any SessionEngine, at position: TrainingPosition) throws {
    try engine.checkpoint(at: position).write(to: path)
  }

  /// The checkpoint of a run of this plan. Throws a plan error when it is another's, or none.
  func read(for plan: Plan) throws -> (plan: Plan, position: TrainingPosition) {
    let found = try PlanFile.read(path)
    guard let progress = found.progress else {
      throw ExperimentError(.plan, "\(path): the plan is no checkpoint")
    }
    var bare = found
    bare.weights = nil
    bare.progress = nil
    // More epochs or meta steps than were planned are no other run.
    bare.training.epochs = plan.training.epochs
    if let steps = plan.episodes?.steps { bare.episodes?.steps = steps }
    var wanted = plan
    bare.specText = ""
    wanted.specText = ""
    guard bare == wanted else {
      throw ExperimentError(
        .plan, "\(path): the checkpoint is that of another spec or of other data",
        hint: "without --resume training starts afresh")
    }
    var resumed = found
    resumed.training.epochs = plan.training.epochs
    resumed.episodes = plan.episodes
    resumed.specText = plan.specText
    var position = TrainingPosition(progress)
    if let episodes = plan.episodes, progress.step < episodes.steps {
      (position.epoch, position.row) = (0, progress.step * episodes.tasksPerStep)
    }
    return (resumed, position)
  }

  /// Leaves a checkpoint of a run that was asked to stop.
  /// - Parameter place: Where it stopped.
  /// - Returns: What to say of it.
  static func stopped(
    _ engine: (any SessionEngine)?, _ file: CheckpointFile?, _ position: TrainingPosition,
    place: String
  ) throws -> ExperimentError {
    guard let file, let engine else { return ExperimentError(.interrupted, "stopped") }
    try file.write(engine, at: position)
    return ExperimentError(
      .interrupted, "stopped \(place); \(file.path) holds the state",
      hint: "--resume goes on from there")
  }
}
