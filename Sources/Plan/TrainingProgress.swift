import Schema

/// Where a training run stands: enough to go on bit for bit as if it had never stopped.
public struct TrainingProgress: Sendable, Hashable {
  /// Steps done since the start.
  public var step: Int
  /// Epochs completed, and the rows already used of the one that runs.
  public var epoch: Int
  public var rowInEpoch: Int
  /// One block per optimizer state, each of the size of the parameter block.
  public var states: [[Float]]
  /// What early stopping has seen; nil without it.
  public var watch: WatchProgress?
  /// The average of the weights; nil where there is none yet.
  public var average: AverageProgress?
  /// The epochs and evaluations so far.
  public var report: TrainingReport
  /// Where the run stopped within a part that is reported as one.
  public var sums: LossSums?

  public init(
    step: Int, epoch: Int, rowInEpoch: Int, states: [[Float]], watch: WatchProgress? = nil,
    average: AverageProgress? = nil,
    report: TrainingReport = TrainingReport(epochs: [], isStopped: false), sums: LossSums? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.rowInEpoch = rowInEpoch
    self.states = states
    self.watch = watch
    self.average = average
    self.report = report
    self.sums = sums
  }
}

/// What early stopping has seen of the epochs so far.
public struct WatchProgress: Sendable, Hashable {
  /// The epoch that is kept.
  public struct Best: Sendable, Hashable {
    /// From 1.
    public var epoch: Int
    public var value: Double
    /// The parameter block after it.
    public var weights: [Float]

    public init(epoch: Int, value: Double, weights: [Float]) {
      self.epoch = epoch
      self.value = value
      self.weights = weights
    }
  }

  /// Nil as long as the metric had no value.
  public var best: Best?
  /// What an epoch has to exceed to count as an improvement; nil as `best`.
  public var reference: Double?
  /// Epochs in a row without one.
  public var epochsWithout: Int

  public init(best: Best? = nil, reference: Double? = nil, epochsWithout: Int = 0) {
    self.best = best
    self.reference = reference
    self.epochsWithout = epochsWithout
  }
}

/// An average of weights so far.
public struct AverageProgress: Sendable, Hashable {
  /// How many it is of.
  public var count: Int
  /// A parameter block.
  public var weights: [Float]

  public init(count: Int, weights: [Float]) {
    self.count = count
    self.weights = weights
  }
}
