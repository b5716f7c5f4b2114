import Schema

/// How far a training run has come; for progress displays.
public struct TrainingStatus: Sendable, Hashable {
  /// From 1.
  public var epoch: Int
  public var epochs: Int
  /// Rows done and rows in all of this epoch.
  public var rows: Int
  public var rowsInEpoch: Int
  /// Steps done since the start of training.
  public var step: Int
  /// Training alone, validation not counted.
  public var rowsPerSecond: Double
  /// Means over the rows of this epoch so far: the whole loss, and each task's (nil for a task
  /// without one).
  public var loss: Double
  public var taskLosses: [Double?]
  /// Until the last epoch ends.
  public var secondsLeft: Double
}

/// One epoch of a training run.
public struct EpochReport: Sendable, Hashable {
  /// From 1.
  public var epoch: Int
  /// Rows trained on; fewer than the epoch has where the run was resumed or stopped in it.
  public var rows: Int
  /// Training alone.
  public var seconds: Double
  /// Means over those rows: the whole loss, and each task's (nil for a task without one).
  public var loss: Double
  public var taskLosses: [Double?]
  /// What each task's loss counted in the total, or its gradient by the shared parameters in their
  /// sum: the spec's weight times the factor of the task weighting, the mean over those rows; nil
  /// for an output without a loss.
  public var taskWeights: [Double?]
  /// The learning rate of the epoch's last step.
  public var learningRate: Double
  public var validation: EvaluationReport?

  public var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// A whole training run.
public struct TrainingReport: Sendable, Hashable {
  public var epochs: [EpochReport]
  /// Where it stands now.
  public var position: TrainingPosition
  /// Whether it was asked to stop before its end.
  public var isStopped: Bool
  /// With early stopping the epoch whose parameters the engine has now, unless it was asked to stop.
  public var best: BestEpoch?

  /// Of training alone.
  public var seconds: Double { epochs.reduce(0) { $0 + $1.seconds } }
}

/// The epoch that early stopping keeps.
public struct BestEpoch: Sendable, Hashable {
  /// From 1.
  public var epoch: Int
  /// As early stopping names it.
  public var metric: String
  public var value: Double
}
