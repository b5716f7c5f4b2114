import Schema

/// Reads `training`.
struct TrainingDecoder {
  private(set) var options = TrainingOptions()

  init(
    _ spec: SectionReader, _ material: Material, files: DataFiles, tasks: [TaskSpec],
    outputs: [ConditionalOutput]
  ) {
    let node =
      spec.child(SpecKeys.training)
      ?? SpecNode(
        SpecValue(.object([]), at: spec.node.value.location), path: SpecKeys.training.name,
        spec.node.diagnostics)
    guard let section = SectionReader(node, TrainingKeys.section) else { return }
    if material == .rows {
      section.refuse(
        TrainingKeys.ofEpisodes, "goes only with a model that learns from episodes")
    } else {
      section.refuse(
        TrainingKeys.ofRows, "does not go with a model that learns from episodes")
    }
    options = TrainingOptions(
      batchSize: section[TrainingKeys.batchSize],
      evalBatchSize: section[TrainingKeys.evalBatchSize],
      epochs: section[TrainingKeys.epochs],
      seed: UInt64(section[TrainingKeys.seed]),
      shuffle: section[TrainingKeys.shuffle],
      optimizer: Self.optimizer(section),
      l2: section[TrainingKeys.l2],
      embeddingL2: section[TrainingKeys.embeddingL2],
      taskWeighting: TaskWeightingKeys.read(section, tasks),
      schedule: Self.schedule(section, material),
      clipping: GradientClipping(
        value: section[TrainingKeys.clipValue], norm: section[TrainingKeys.clipNorm]),
      earlyStopping: Self.earlyStopping(
        section, material, files, tasks: tasks.map(\.name) + outputs.map(\.name)),
      sparseOptimizer: Self.sparseOptimizer(section),
      kernels: KernelSettings(matmulPrecision: section[TrainingKeys.matmulPrecision]),
      episodes: Self.episodes(section, material))
  }

  private static func episodes(
    _ section: SectionReader, _ material: Material
  ) -> EpisodeOptions? {
    if material == .rows { return nil }
    return EpisodeOptions(
      steps: section[TrainingKeys.metaSteps], batchSize: section[TrainingKeys.metaBatchSize],
      evaluationEpisodes: section[TrainingKeys.evalEpisodes]
        ?? (material == .images ? TrainingKeys.defaultEvalEpisodes : nil),
      evaluationInterval: section[TrainingKeys.evalEvery])
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
    _ training: SectionReader, _ material: Material, _ files: DataFiles, tasks: [String]
  ) -> EarlyStopping? {
    guard let node = training.child(TrainingKeys.earlyStopping),
      let section = SectionReader(node, EarlyStoppingKeys.section)
    else { return nil }
    if material == .rows, files.validation.isEmpty, files.validationFraction == 0 {
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
        parts.metric != EpisodeName.loss && Metric(rawValue: parts.metric)?.better != .lower
      case .max: true
      case .min: false
      }
    if let task = parts.task, !tasks.contains(task) {
      section.report(
        "no task is named \(quoted(task)); \(suggestion(for: task, among: tasks))",
        EarlyStoppingKeys.metric)
    }
    return options
  }

  /// The optimizer without the one for tables; the default one when the spec says nothing.
  static func optimizer(_ training: SectionReader) -> Optimizer {
    training.child(TrainingKeys.optimizer)
      .flatMap { OptimizerKeys.read($0, OptimizerKeys.dense) } ?? Optimizer()
  }

  private static func sparseOptimizer(_ training: SectionReader) -> SparseOptimizer? {
    guard let node = training.child(TrainingKeys.sparseOptimizer),
      let rule: SparseOptimizer = OptimizerKeys.read(node, OptimizerKeys.sparse)
    else { return nil }
    if training.isSet(TrainingKeys.clipNorm) {
      training.report(
        "goes only without \"sparse_optimizer\": the norm of all gradients would need those of"
          + " whole tables", TrainingKeys.clipNorm)
    }
    return rule
  }
}
