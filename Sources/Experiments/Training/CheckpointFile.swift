import Data
import Plan
import Runtime
import Schema

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

  var path: String { "\(folder)/checkpoint.bin" }

  /// Removes the checkpoint of a run whose results are written. Throws an output error.
  public func remove() throws(ExperimentError) {
    guard unlink(path) != 0, errno != ENOENT else { return }
    throw ExperimentError(
      .output, "\(path): cannot be removed: \(String(cString: strerror(errno)))",
      hint: "the run is done; remove the file by hand")
  }
}

/// Reads and writes the file of `Checkpoints`.
struct CheckpointFile {
  let path: String
  private let folder: String
  let isEachEpoch: Bool

  init(_ checkpoints: Checkpoints) {
    path = checkpoints.path
    folder = checkpoints.folder
    isEachEpoch = checkpoints.isEachEpoch
  }

  /// Processes that share tables all call it; of others the one that writes. Throws `FileError`.
  func write(_ engine: any SessionEngine, at position: TrainingPosition) throws {
    if let shared = engine as? StaticEngine, shared.isSharded {
      try shared.writeShards(to: path, at: position)
    } else {
      try engine.checkpoint(at: position).write(to: path)
    }
  }

  /// The checkpoint of a run of this plan. Throws a plan error when it is another's, or none.
  func read(for plan: Plan) throws -> (plan: Plan, position: TrainingPosition) {
    try requirePresent()
    return try checked(PlanFile.read(path), for: plan)
  }

  /// The same for a process that reads its part of weights and states itself.
  func readParts(
    for plan: Plan
  ) throws -> (plan: Plan, position: TrainingPosition, parts: PlanParts) {
    try requirePresent()
    let parts = try PlanParts(path)
    let (found, position) = try checked(parts.plan, for: plan)
    return (found, position, parts)
  }

  private func requirePresent() throws {
    if access(path, F_OK) != 0, errno == ENOENT {
      let isDone = access("\(folder)/plan.bin", F_OK) == 0
      throw ExperimentError(
        .plan,
        "\(path): there is no checkpoint" + (isDone ? "; the run in this folder is done" : ""),
        hint: "without --resume training starts afresh")
    }
  }

  /// The plan of a checkpoint and the place that it was written at, where it is that of a run of this plan.
  private func checked(
    _ found: Plan, for plan: Plan
  ) throws -> (plan: Plan, position: TrainingPosition) {
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
    wanted.initial = wanted.initial?.withoutValues
    guard bare == wanted else {
      throw ExperimentError(
        .plan, "\(path): the checkpoint is that of another spec or of other data",
        hint: "without --resume training starts afresh")
    }
    try requireSameSchedule(found, plan)
    let isBeyond =
      plan.episodes.map { progress.step > $0.steps }
      ?? ((progress.epoch, min(progress.rowInEpoch, 1)) > (plan.training.epochs, 0))
    if isBeyond {
      throw ExperimentError(
        .plan, "\(path): the checkpoint is beyond the \(Self.length(plan)) of the spec",
        hint: "set as many as it was made for: \(Self.length(found))")
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

  /// A run that goes on with another length is the same run only when the learning rates of the steps
  /// done so far, and what counted of them in an average of weights, would have been the same.
  private func requireSameSchedule(_ found: Plan, _ plan: Plan) throws {
    let isOfEpisodes = plan.episodes != nil
    let isTimed = plan.training.schedule.dependsOnLength(countsEpochs: !isOfEpisodes)
    guard Self.length(found) != Self.length(plan),
      isTimed || plan.training.weightsAverage?.isOfEpochs == true
    else { return }
    let reason =
      isTimed
      ? "the learning rates of its schedule depend on the length"
      : "the epochs whose weights it averages depend on the length"
    throw ExperimentError(
      .plan,
      "\(path): the checkpoint is that of a run of \(Self.length(found)), the spec asks for"
        + " \(Self.length(plan)), and \(reason)",
      hint: "go on with \(Self.length(found)), or start afresh without --resume")
  }

  private static func length(_ plan: Plan) -> String {
    plan.episodes.map { Format.count($0.steps, "meta step") }
      ?? Format.count(plan.training.epochs, "epoch")
  }

  /// Leaves a checkpoint of a run that was asked to stop.
  /// - Parameters:
  ///   - writes: Whether this process is the one that writes.
  ///   - place: Where it stopped.
  /// - Returns: What to say of it.
  static func stopped(
    _ engine: (any SessionEngine)?, _ file: CheckpointFile?, _ position: TrainingPosition,
    writes: Bool, place: String
  ) throws -> ExperimentError {
    guard let file, let engine else { return ExperimentError(.interrupted, "stopped") }
    if writes { try file.write(engine, at: position) }
    return ExperimentError(
      .interrupted, "stopped \(place); \(file.path) holds the state",
      hint: "--resume goes on from there")
  }
}
