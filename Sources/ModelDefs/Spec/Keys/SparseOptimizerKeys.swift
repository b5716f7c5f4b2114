import Schema

/// The keys of `training.sparse_optimizer`.
enum SparseOptimizerKeys {
  static let l1 = SpecKey.number(
    "l1", default: 0, .notNegative, "Sum of absolute weights; makes small ones zero.")
  static let l2 = SpecKey.number("l2", default: 0, .notNegative, "Half the sum of squared weights.")
  static let beta = SpecKey.number(
    "beta", default: 1, .notNegative, "Added to the root of the sum of squared gradients.")

  static let variants = SpecVariants(
    noun: "sparse optimizer",
    documentation: "The rule for embedding tables, row by row.", defaultType: nil, common: [],
    variants: [
      section(.lazyAdam, "Adam on the rows that a step uses.", adamKeys),
      section(
        .rowwiseAdagrad, "Adagrad with one sum of squared gradients a row.", adagradKeys),
      section(.adagrad, "Adagrad on the rows that a step uses.", adagradKeys),
      section(
        .sgd, "Stochastic gradient descent without momentum.", [TrainingKeys.fastLearningRate]),
      section(
        .ftrl, "FTRL-proximal (McMahan and others, KDD 2013).",
        [TrainingKeys.fastLearningRate, TrainingKeys.initialAccumulator, l1, l2, beta]),
    ])

  private static let adamKeys: [any AnySpecKey] = [
    TrainingKeys.learningRate, TrainingKeys.beta1, TrainingKeys.beta2, TrainingKeys.epsilon,
  ]
  private static let adagradKeys: [any AnySpecKey] = [
    TrainingKeys.fastLearningRate, TrainingKeys.initialAccumulator, TrainingKeys.epsilon,
  ]

  private static func section(
    _ kind: SparseOptimizer.Kind, _ text: String, _ keys: [any AnySpecKey]
  ) -> (type: String, section: SpecSection) {
    (
      kind.rawValue,
      SpecSection("training.sparse_optimizer of type \"\(kind.rawValue)\"", text, keys: keys)
    )
  }

  static func read(_ training: SectionReader) -> SparseOptimizer? {
    guard let node = training.child(TrainingKeys.sparseOptimizer),
      let (type, section) = variants.read(node), let kind = SparseOptimizer.Kind(rawValue: type)
    else { return nil }
    if training.isSet(TrainingKeys.clipNorm) {
      training.report(
        "goes only without \"sparse_optimizer\": the norm of all gradients would need those of"
          + " whole tables", TrainingKeys.clipNorm)
    }
    var rule = SparseOptimizer(kind: kind)
    switch kind {
    case .lazyAdam:
      rule.learningRate = section[TrainingKeys.learningRate]
      rule.beta1 = section[TrainingKeys.beta1]
      rule.beta2 = section[TrainingKeys.beta2]
      rule.epsilon = section[TrainingKeys.epsilon]
    case .adagrad, .rowwiseAdagrad:
      rule.learningRate = section[TrainingKeys.fastLearningRate]
      rule.initialAccumulator = section[TrainingKeys.initialAccumulator]
      rule.epsilon = section[TrainingKeys.epsilon]
    case .sgd: rule.learningRate = section[TrainingKeys.fastLearningRate]
    case .ftrl:
      rule.learningRate = section[TrainingKeys.fastLearningRate]
      rule.initialAccumulator = section[TrainingKeys.initialAccumulator]
      rule.l1 = section[l1]
      rule.l2 = section[l2]
      rule.beta = section[beta]
    }
    return rule
  }
}
