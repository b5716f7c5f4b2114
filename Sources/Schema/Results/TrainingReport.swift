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

  public init(
    epoch: Int, epochs: Int, rows: Int, rowsInEpoch: Int, step: Int, rowsPerSecond: Double,
    loss: Double, taskLosses: [Double?], secondsLeft: Double
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.rows = rows
    self.rowsInEpoch = rowsInEpoch
    self.step = step
    self.rowsPerSecond = rowsPerSecond
    self.loss = loss
    self.taskLosses = taskLosses
    self.secondsLeft = secondsLeft
  }
}

/// One epoch of a training run on rows, or a tenth of the steps of one on episodes.
public struct EpochReport: Sendable, Hashable {
  /// From 1; a run on episodes has a single epoch.
  public var epoch: Int
  /// Training steps done so far.
  public var step: Int
  /// Rows or episodes trained on; fewer than the epoch has where the run was resumed or stopped in
  /// it.
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
  /// The share of the query images that were classified correctly, a mean over those episodes; nil
  /// for rows.
  public var accuracy: Double?
  /// The learning rate of the epoch's last step.
  public var learningRate: Double
  public var validation: EvaluationReport?

  public init(
    epoch: Int, step: Int, rows: Int, seconds: Double, loss: Double, taskLosses: [Double?],
    taskWeights: [Double?], accuracy: Double? = nil, learningRate: Double,
    validation: EvaluationReport? = nil
  ) {
    self.epoch = epoch
    self.step = step
    self.rows = rows
    self.seconds = seconds
    self.loss = loss
    self.taskLosses = taskLosses
    self.taskWeights = taskWeights
    self.accuracy = accuracy
    self.learningRate = learningRate
    self.validation = validation
  }

  public var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// A whole training run.
public struct TrainingReport: Sendable, Hashable {
  public var epochs: [EpochReport]
  /// On episodes, in the order of the steps.
  public var evaluations: [Evaluation] = []
  /// How far the tasks pulled their shared parameters apart, in the order of the epochs; empty where nobody
  /// measured it.
  public var conflicts: [TaskCosines] = []
  /// Whether it was asked to stop before its end.
  public var isStopped: Bool
  /// With early stopping the epoch (of episodes: the step) whose parameters the engine has now, unless
  /// it was asked to stop.
  public var best: BestEpoch?

  public init(
    epochs: [EpochReport], evaluations: [Evaluation] = [], isStopped: Bool,
    best: BestEpoch? = nil
  ) {
    self.epochs = epochs
    self.evaluations = evaluations
    self.isStopped = isStopped
    self.best = best
  }

  /// Of training alone.
  public var seconds: Double { epochs.reduce(0) { $0 + $1.seconds } }
}

/// The epoch that early stopping keeps.
public struct BestEpoch: Sendable, Hashable {
  /// From 1; the step of a run on episodes.
  public var epoch: Int
  /// As early stopping names it.
  public var metric: String
  public var value: Double

  public init(
    epoch: Int, metric: String, value: Double
  ) {
    self.epoch = epoch
    self.metric = metric
    self.value = value
  }
}
