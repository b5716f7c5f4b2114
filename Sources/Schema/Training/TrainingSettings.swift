/// How a plan trains: everything `mtlc run PLAN` needs beside the data itself.
public struct TrainingSettings: Sendable, Hashable {
  public var batchSize: Int
  public var evaluationBatchSize: Int
  public var epochs: Int
  public var seed: UInt64
  public var shuffle: Bool
  public var optimizer: Optimizer
  public var schedule: LearningRateSchedule
  public var clipping: GradientClipping
  /// nil trains all epochs and keeps the last one's parameters.
  public var earlyStopping: EarlyStopping?
  /// nil validates and keeps the last step's weights.
  public var weightsAverage: WeightsAverage?
  public var taskWeighting: TaskWeighting
  /// The tasks whose losses are weighed, in the order of the spec. Task k's loss is the output
  /// `loss.<task>`.
  public var taskWeights: [TaskWeight]
  public var kernels: KernelSettings
  /// The files that the spec names, as absolute paths; opened only by a training run.
  public var trainPaths: [String]
  public var validationPaths: [String]
  public var testPaths: [String]
  /// The share of the training rows that is set aside when there is no validation file.
  public var validationFraction: Double
  public var validationSplit: ValidationSplit
  /// Whether the trained plan holds the states of the optimizer.
  public var savesOptimizer: Bool
  /// Whether a batch holds the rows of a group together, whole groups as far as they fit.
  public var keepsGroups: Bool
  /// How a batch is cut. A graph that is trained in more than one piece must have losses that are means over
  /// rows.
  public var microBatches = MicroBatches()

  public init(
    batchSize: Int, evaluationBatchSize: Int, epochs: Int, seed: UInt64, shuffle: Bool = true,
    optimizer: Optimizer, trainPaths: [String] = [], validationPaths: [String] = [],
    testPaths: [String] = [], validationFraction: Double = 0,
    schedule: LearningRateSchedule = LearningRateSchedule(),
    clipping: GradientClipping = GradientClipping(), earlyStopping: EarlyStopping? = nil,
    taskWeighting: TaskWeighting = .fixed, taskWeights: [TaskWeight] = [],
    kernels: KernelSettings = KernelSettings(), validationSplit: ValidationSplit = .random,
    savesOptimizer: Bool = false,
    keepsGroups: Bool = false
  ) {
    self.batchSize = batchSize
    self.evaluationBatchSize = evaluationBatchSize
    self.epochs = epochs
    self.seed = seed
    self.shuffle = shuffle
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.earlyStopping = earlyStopping
    self.taskWeighting = taskWeighting
    self.taskWeights = taskWeights
    self.kernels = kernels
    self.trainPaths = trainPaths
    self.validationPaths = validationPaths
    self.testPaths = testPaths
    self.validationFraction = validationFraction
    self.validationSplit = validationSplit
    self.savesOptimizer = savesOptimizer
    self.keepsGroups = keepsGroups
  }
}
