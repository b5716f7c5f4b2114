import Plan
import Runtime
import Schema

/// Something that an experiment tells its observer.
public enum Event: Sendable {
  /// Files are being read, at most ten times a second.
  case reading(ReadingProgress)
  /// Files were read.
  case read(ReadingSummary)
  /// Training begins.
  case trainingStarts(TrainingOutline)
  /// Training, a few times a second and at the end of each epoch.
  case progress(TrainingStatus)
  /// An epoch is over, or a tenth of the meta steps.
  case epoch(EpochReport)
  /// The model was evaluated on episodes in between.
  case evaluation(EpisodeEvaluation)
  /// Training is over, by its end or by an error.
  case trainingEnds
  /// Something worth knowing, as `wrote cache/train.mtld`.
  case note(String)
  /// Something that may be a mistake of the spec or of the data.
  case warning(String)
}

/// How far the reading of files has come.
public struct ReadingProgress: Sendable, Hashable {
  /// What is done, as `reading test rows`.
  public var title: String
  /// Bytes read, of all bytes of the files (0 where that is unknown).
  public var bytes: Int
  public var totalBytes: Int
}

/// Files that were read.
public struct ReadingSummary: Sendable, Hashable {
  /// What was done with the rows: `read`, `encoded`, `predicted`; `opened` where a cache held them.
  public var verb: String
  public var rows: Int
  /// Bytes of text; 0 where a cache held the rows.
  public var bytes: Int
  public var seconds: Double
}

/// What a training run is about to do.
public struct TrainingOutline: Sendable, Hashable {
  public var tasks: [String]
  public var epochs: Int
  /// Whether the learning rate changes from epoch to epoch.
  public var hasSchedule: Bool
  /// Whether the weights of the tasks change from epoch to epoch.
  public var weighsTasks: Bool
  /// Meta steps of a run on episodes; nil for rows.
  public var metaSteps: Int?
  /// Episodes of each of them.
  public var episodesPerStep: Int

  init(_ plan: Plan) {
    tasks = plan.tasks.map(\.name)
    epochs = plan.training.epochs
    hasSchedule = !plan.training.schedule.isConstant
    weighsTasks = plan.training.taskWeighting != .fixed
    metaSteps = plan.episodes?.steps
    episodesPerStep = plan.episodes?.tasksPerStep ?? 1
  }
}
