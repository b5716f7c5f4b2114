/// Reads `training`.
struct TrainingDecoder {
  private(set) var options = TrainingOptions()

  init(_ spec: SectionReader) {
    guard let node = spec.child(SpecKeys.training),
      let section = SectionReader(node, TrainingKeys.section)
    else { return }
    options = TrainingOptions(
      batchSize: section[TrainingKeys.batchSize],
      evalBatchSize: section[TrainingKeys.evalBatchSize],
      epochs: section[TrainingKeys.epochs],
      seed: UInt64(section[TrainingKeys.seed]),
      shuffle: section[TrainingKeys.shuffle],
      optimizer: Self.optimizer(section),
      l2: section[TrainingKeys.l2],
      embeddingL2: section[TrainingKeys.embeddingL2],
      taskWeighting: section[TrainingKeys.taskWeighting])
  }

  private static func optimizer(_ training: SectionReader) -> OptimizerOptions {
    guard let node = training.child(TrainingKeys.optimizer),
      let (type, section) = TrainingKeys.optimizers.read(node),
      let kind = OptimizerOptions.Kind(rawValue: type)
    else { return OptimizerOptions() }
    var options = OptimizerOptions(kind: kind)
    switch kind {
    case .sgd:
      options.learningRate = section[TrainingKeys.fastLearningRate]
      options.momentum = section[TrainingKeys.momentum]
    case .adam, .adamw:
      options.learningRate = section[TrainingKeys.learningRate]
      options.beta1 = section[TrainingKeys.beta1]
      options.beta2 = section[TrainingKeys.beta2]
      options.epsilon = section[TrainingKeys.epsilon]
      if kind == .adamw { options.weightDecay = section[TrainingKeys.weightDecay] }
    case .adagrad:
      options.learningRate = section[TrainingKeys.fastLearningRate]
      options.initialAccumulator = section[TrainingKeys.initialAccumulator]
      options.epsilon = section[TrainingKeys.epsilon]
    }
    return options
  }
}
