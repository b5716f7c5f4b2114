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
  public var matmulPrecision: MatmulPrecision

  public init(
    batchSize: Int = 256, evalBatchSize: Int = 4096, epochs: Int = 5, seed: UInt64 = 1,
    shuffle: Bool = true, optimizer: Optimizer = Optimizer(), l2: Double = 0,
    embeddingL2: Double = 0, taskWeighting: TaskWeighting = .fixed,
    schedule: LearningRateSchedule = LearningRateSchedule(),
    clipping: GradientClipping = GradientClipping(), earlyStopping: EarlyStopping? = nil,
    sparseOptimizer: SparseOptimizer? = nil, matmulPrecision: MatmulPrecision = .highest
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
    self.matmulPrecision = matmulPrecision
  }
}
