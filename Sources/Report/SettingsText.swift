import Schema

/// How a plan trains, in words.
package enum SettingsText {
  /// The first part always says the same things; the others are there where they are not the usual.
  package static func parts(_ training: TrainingSettings) -> [String] {
    let optimizer = training.optimizer
    let usual =
      "batch \(training.batchSize), \(Format.count(training.epochs, "epoch")), seed \(training.seed),"
      + " \(optimizer.kind.rawValue), learning rate \(optimizer.learningRate)"
    let batches = training.microBatches
    let options = [
      batches.isOn
        ? "\(batches.count) micro-batches of at most"
          + " \(Format.count(batches.largest(of: training.batchSize), "row"))" : nil,
      schedule(training.schedule), clipping(training.clipping), weighting(training.taskWeighting),
      training.earlyStopping.map { "early stopping by \($0.metric), patience \($0.patience)" },
      average(training.weightsAverage),
      training.kernels.matmulPrecision == .highest
        ? nil : "matrix products of \(training.kernels.matmulPrecision.rawValue) precision",
    ]
    return [usual] + options.compactMap { $0 }
  }

  private static func schedule(_ schedule: LearningRateSchedule) -> String? {
    guard !schedule.isConstant else { return nil }
    let shape =
      switch schedule.shape {
      case .constant: "constant rate"
      case .step(let factor): "rate times \(factor) every \(span(schedule.period))"
      case .exponential(let factor): "rate falling to \(factor) in \(span(schedule.period))"
      case .cosine(let final): "cosine rate to \(final) in \(span(schedule.period))"
      }
    return schedule.warmup == .steps(0) ? shape : shape + " after \(span(schedule.warmup))"
  }

  private static func span(_ span: LearningRateSchedule.Span) -> String {
    switch span {
    case .steps(let count): Format.count(count, "step")
    case .epochs(let count): "\(count) epoch\(count == 1 ? "" : "s")"
    case .rest: "what is left"
    }
  }

  private static func clipping(_ clipping: GradientClipping) -> String? {
    let parts = [
      clipping.value.map { "elements to ±\($0)" }, clipping.norm.map { "their norm to \($0)" },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : "gradients clipped, " + parts.joined(separator: " and ")
  }

  private static func average(_ average: WeightsAverage?) -> String? {
    switch average {
    case nil: nil
    case .exponential(let decay): "moving average of the weights, decay \(decay)"
    case .stochastic(let start):
      "mean of the weights of the epochs after \(Format.percent(start)) of all"
    }
  }

  private static func weighting(_ weighting: TaskWeighting) -> String? {
    switch weighting {
    case .fixed: nil
    case .uncertainty: "tasks weighed by uncertainty"
    case .dynamicAverage(let temperature): "dynamic weight average, temperature \(temperature)"
    case .gradNorm(let alpha, _): "GradNorm, alpha \(alpha)"
    case .pcGrad: "PCGrad"
    }
  }
}
