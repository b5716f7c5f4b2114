import Schema

/// How a model is trained.
public struct TrainingOptions: Sendable, Hashable {
  /// Rows of a training step.
  public var batchSize: Int
  /// Rows of a prediction step.
  public var evalBatchSize: Int
  public var epochs: Int
  public var seed: UInt64
  /// Whether each epoch has an order of its own.
  public var shuffle: Bool
  public var optimizer: Optimizer
  /// For the embedding tables, without their names; nil: `optimizer` moves them like the rest.
  public var sparseOptimizer: SparseOptimizer?
  /// λ of the penalty λ/2·‖w‖² on kernels; the model definitions put it into the parameters.
  public var l2: Double
  /// The same for embedding tables.
  public var embeddingL2: Double
  /// How the tasks' losses are weighed; the model definitions apply it.
  public var taskWeighting: TaskWeighting
  public var schedule: LearningRateSchedule
  public var clipping: GradientClipping
  public var earlyStopping: EarlyStopping?
  public var kernels: KernelSettings
  /// Of learning from episodes; nil for learning from rows.
  public var episodes: EpisodeOptions?

  public init(
    batchSize: Int = 256, evalBatchSize: Int = 4096, epochs: Int = 5, seed: UInt64 = 1,
    shuffle: Bool = true, optimizer: Optimizer = Optimizer(), l2: Double = 0,
    embeddingL2: Double = 0, taskWeighting: TaskWeighting = .fixed,
    schedule: LearningRateSchedule = LearningRateSchedule(),
    clipping: GradientClipping = GradientClipping(), earlyStopping: EarlyStopping? = nil,
    sparseOptimizer: SparseOptimizer? = nil, kernels: KernelSettings = KernelSettings(),
    episodes: EpisodeOptions? = nil
  ) {
    self.batchSize = batchSize
    self.evalBatchSize = evalBatchSize
    self.epochs = epochs
    self.seed = seed
    self.shuffle = shuffle
    self.optimizer = optimizer
    self.sparseOptimizer = sparseOptimizer
    self.l2 = l2
    self.embeddingL2 = embeddingL2
    self.taskWeighting = taskWeighting
    self.schedule = schedule
    self.clipping = clipping
    self.earlyStopping = earlyStopping
    self.kernels = kernels
    self.episodes = episodes
  }
}

/// How a model is trained on episodes.
public struct EpisodeOptions: Sendable, Hashable {
  /// Steps of the meta optimizer.
  public var steps: Int
  /// Episodes of a step.
  public var batchSize: Int
  /// Episodes of an evaluation; nil for every group of rows.
  public var evaluationEpisodes: Int?
  /// Steps from one evaluation to the next; 0 for none before the end.
  public var evaluationInterval: Int

  public init(steps: Int, batchSize: Int, evaluationEpisodes: Int?, evaluationInterval: Int) {
    self.steps = steps
    self.batchSize = batchSize
    self.evaluationEpisodes = evaluationEpisodes
    self.evaluationInterval = evaluationInterval
  }
}
