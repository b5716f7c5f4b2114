import Schema

/// Reads `training`.
struct TrainingDecoder {
  private(set) var settings = TrainingSettings(
    batchSize: 1, evaluationBatchSize: 1, epochs: 1, seed: 1, optimizer: Optimizer())
  private(set) var l2 = 0.0
  private(set) var embeddingL2 = 0.0
  private(set) var tablePlacement = TablePlacement.replicated
  private(set) var episodes: EpisodeOptions?
  private(set) var initial: InitialPlan?

  /// - Parameter outputs: Predictions of the model besides those of the tasks.
  init(
    _ spec: SectionReader, _ material: Material, folder: String, files: DataFiles,
    features: [FeatureSpec],
    tasks: [TaskSpec], outputs: [ConditionalOutput], hasGroups: Bool
  ) {
    let node =
      spec.child(SpecKeys.training)
      ?? SpecNode(
        SpecValue(.object([]), at: spec.node.value.location), path: SpecKeys.training.name,
        spec.node.diagnostics)
    guard let section = SectionReader(node, TrainingKeys.section) else { return }
    let isOfRows = material == .rows
    section.refuse(
      isOfRows ? TrainingKeys.ofEpisodes : TrainingKeys.ofRows,
      isOfRows
        ? "goes only with a model that learns from episodes"
        : "does not go with a model that learns from episodes")
    settings.batchSize = section[TrainingKeys.batchSize]
    settings.microBatches = MicroBatches(section[TrainingKeys.microBatches])
    settings.evaluationBatchSize = section[TrainingKeys.evalBatchSize]
    settings.epochs = section[TrainingKeys.epochs]
    settings.seed = UInt64(section[TrainingKeys.seed])
    settings.shuffle = section[TrainingKeys.shuffle]
    settings.optimizer = Self.optimizer(section)
    l2 = section[TrainingKeys.l2]
    embeddingL2 = section[TrainingKeys.embeddingL2]
    settings.taskWeighting = TaskWeightingKeys.read(section, tasks)
    Self.checkMicroBatches(section, settings, tasks)
    settings.taskWeights = tasks.map { TaskWeight(task: $0.name, weight: $0.weight) }
    settings.schedule = Self.schedule(section, material)
    settings.clipping = GradientClipping(
      value: section[TrainingKeys.clipValue], norm: section[TrainingKeys.clipNorm])
    settings.earlyStopping = Self.earlyStopping(
      section, material, files,
      watched: WatchedMetrics(tasks, outputs, material, hasGroups: hasGroups))
    settings.weightsAverage = WeightsAverageKeys.read(section)
    if let (sparse, placement) = Self.sparseOptimizer(section, features) {
      (settings.optimizer.sparse, tablePlacement) = (sparse, placement)
    }
    settings.kernels.matmulPrecision = section[TrainingKeys.matmulPrecision]
    settings.trainPaths = Self.absolute(files.train)
    settings.validationPaths = Self.absolute(files.validation)
    settings.testPaths = Self.absolute(files.test)
    settings.validationFraction = files.validationFraction
    settings.validationSplit = files.validationSplit
    settings.keepsGroups = tasks.contains(where: \.loss.comparesRows)
    if let plan = section[TrainingKeys.initializeFrom] {
      let path = TextFile.resolve(
        plan, in: DataDecoder.base(section, TrainingKeys.initializeFrom, folder))
      initial = InitialPlan(
        path: path, keepsNormalizers: section[TrainingKeys.initialNormalizers] == .keep,
        keepsOptimizer: section[TrainingKeys.initialOptimizer] == .keep)
    } else {
      section.refuse(
        [TrainingKeys.initialNormalizers, TrainingKeys.initialOptimizer],
        "goes only with \"initialize_from\"")
    }
    settings.savesOptimizer = section[TrainingKeys.saveOptimizer]
    if isOfRows { return }
    // Feeds hold a whole episode in one row, and a run is one epoch.
    (settings.batchSize, settings.evaluationBatchSize, settings.epochs) = (1, 1, 1)
    episodes = EpisodeOptions(
      steps: section[TrainingKeys.metaSteps], batchSize: section[TrainingKeys.metaBatchSize],
      evaluationEpisodes: section[TrainingKeys.evalEpisodes]
        ?? (material == .images ? TrainingKeys.defaultEvalEpisodes : nil),
      evaluationInterval: section[TrainingKeys.evalEvery])
  }

  /// What is not a mean over rows cannot be added up from parts of a batch.
  private static func checkMicroBatches(
    _ section: SectionReader, _ settings: TrainingSettings, _ tasks: [TaskSpec]
  ) {
    guard settings.microBatches.isOn else { return }
    let key = TrainingKeys.microBatches
    if settings.microBatches.count > settings.batchSize {
      section.report(
        "is more than the \(settings.batchSize) rows of \(quoted(TrainingKeys.batchSize.name))", key
      )
    }
    if settings.taskWeighting.needsTaskGradients {
      let weighting = section[TaskWeightingKeys.kind].rawValue
      section.report(
        "does not go with \(quoted(TaskWeightingKeys.kind.name)) \(quoted(weighting)), which takes the"
          + " gradient of each task over the whole batch; use \"fixed\", \"uncertainty\" or \"dwa\", or"
          + " leave it away", key)
    }
    for task in tasks where task.loss.comparesRows {
      section.report(
        "does not go with the loss \(quoted(task.loss.rawValue)) of the task \(quoted(task.name)), which"
          + " compares the rows of a whole batch; leave it away", key)
    }
  }

  private static func absolute(_ paths: [String]) -> [String] {
    paths.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
  }

  private static func schedule(
    _ training: SectionReader, _ material: Material
  ) -> LearningRateSchedule {
    guard let node = training.child(TrainingKeys.schedule),
      let (type, section) = ScheduleKeys.variants.read(node)
    else { return LearningRateSchedule() }
    var schedule = LearningRateSchedule()
    if material != .rows {
      section.refuse(
        [ScheduleKeys.warmupEpochs, ScheduleKeys.periodEpochs],
        "does not go with a model that learns from episodes, which has no epochs")
      if type == "step" || type == "exponential", !section.isSet(ScheduleKeys.periodSteps) {
        section.node.report("needs \"period_steps\": there are no epochs")
      }
    }
    if section.isSet(ScheduleKeys.warmupSteps), section.isSet(ScheduleKeys.warmupEpochs) {
      section.report("goes only without \"warmup_epochs\"", ScheduleKeys.warmupSteps)
    }
    schedule.warmup =
      section.isSet(ScheduleKeys.warmupEpochs)
      ? .epochs(section[ScheduleKeys.warmupEpochs]) : .steps(section[ScheduleKeys.warmupSteps])
    if type == "constant" { return schedule }
    if section.isSet(ScheduleKeys.periodSteps), section.isSet(ScheduleKeys.periodEpochs) {
      section.report("goes only without \"period_epochs\"", ScheduleKeys.periodSteps)
    }
    let steps = section[ScheduleKeys.periodSteps].map { LearningRateSchedule.Span.steps($0) }
    switch type {
    case "step":
      schedule.shape = .step(factor: section[ScheduleKeys.stepFactor])
      schedule.period = steps ?? .epochs(section[ScheduleKeys.periodEpochs])
    case "exponential":
      schedule.shape = .exponential(factor: section[ScheduleKeys.decayFactor])
      schedule.period = steps ?? .epochs(section[ScheduleKeys.periodEpochs])
    default:
      schedule.shape = .cosine(final: section[ScheduleKeys.finalFactor])
      schedule.period =
        steps ?? section[ScheduleKeys.cosinePeriodEpochs].map { .epochs($0) } ?? .rest
    }
    return schedule
  }

  private static func earlyStopping(
    _ training: SectionReader, _ material: Material, _ files: DataFiles,
    watched: WatchedMetrics
  ) -> EarlyStopping? {
    guard let node = training.child(TrainingKeys.earlyStopping),
      let section = SectionReader(node, EarlyStoppingKeys.section)
    else { return nil }
    if material == .rows, files.validation.isEmpty, files.validationFraction == 0,
      files.validationSplit != .column
    {
      node.report("needs validation rows: \"data.validation\" or \"data.validation_fraction\"")
    }
    if material != .rows, files.validation.isEmpty || training[TrainingKeys.evalEvery] == 0 {
      node.report("needs evaluations on validation data: \"data.validation\" and \"eval_every\"")
    }
    let metric = section[EarlyStoppingKeys.metric]
    var options = EarlyStopping(
      metric: metric, maximizes: true, patience: section[EarlyStoppingKeys.patience],
      minDelta: section[EarlyStoppingKeys.minDelta])
    let parts = options.parts
    options.maximizes =
      switch section[EarlyStoppingKeys.mode] {
      case .auto:
        parts.metric != OutputName.loss && Metric(rawValue: parts.metric)?.better != .lower
      case .max: true
      case .min: false
      }
    if section.isSet(EarlyStoppingKeys.metric), let message = watched.refusal(of: options) {
      section.report(message, EarlyStoppingKeys.metric)
    }
    return options
  }

  /// The optimizer without the one for tables; the default one when the spec says nothing.
  static func optimizer(_ training: SectionReader) -> Optimizer {
    training.child(TrainingKeys.optimizer)
      .flatMap { OptimizerKeys.read($0, OptimizerKeys.dense) } ?? Optimizer()
  }

  /// The optimizer of the embedding tables with their names, and where they are; nil where `optimizer` moves
  /// them too.
  private static func sparseOptimizer(
    _ training: SectionReader, _ features: [FeatureSpec]
  ) -> (SparseOptimizer, TablePlacement)? {
    guard let node = training.child(TrainingKeys.sparseOptimizer),
      let (type, section) = OptimizerKeys.sparse.read(node),
      var rule: SparseOptimizer = OptimizerKeys.read(type, section)
    else { return nil }
    if training.isSet(TrainingKeys.clipNorm) {
      training.report(
        "goes only without \"sparse_optimizer\": the norm of all gradients would need those of"
          + " whole tables", TrainingKeys.clipNorm)
    }
    let trained = features.filter { !$0.isFrozen }
    for name in trained.compactMap(\.input.tableParameter) where !rule.tables.contains(name) {
      rule.tables.append(name)
    }
    return rule.tables.isEmpty ? nil : (rule, section[OptimizerKeys.placement])
  }
}
