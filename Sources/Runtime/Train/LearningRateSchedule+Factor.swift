import Schema

extension TrainingSettings {
  /// The learning rate of a step; see `LearningRateSchedule.factor`.
  func learningRate(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    optimizer.learningRate
      * schedule.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
  }
}

extension LearningRateSchedule {
  /// What the optimizer's rate is multiplied by at a step.
  ///
  /// - Parameters:
  ///   - step: steps done before it since the start of training.
  ///   - stepsPerEpoch: at least 1.
  ///   - epochs: of the whole training.
  package func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    if isConstant { return 1 }
    let perEpoch = Double(max(1, stepsPerEpoch))
    let total = perEpoch * Double(max(1, epochs))
    let warm = length(warmup, perEpoch: perEpoch, rest: total)
    if Double(step) < warm { return Double(step + 1) / warm }
    let period = max(1, length(self.period, perEpoch: perEpoch, rest: total - warm))
    let time = Double(step) - warm
    switch shape {
    case .constant: return 1
    case .step(let factor): return power(factor, (time / period).rounded(.down))
    case .exponential(let factor): return power(factor, time / period)
    case .cosine(let final):
      return final + (1 - final) * (1 + cos(Double.pi * min(time / period, 1))) / 2
    }
  }

  /// In whole steps.
  private func length(_ span: Span, perEpoch: Double, rest: Double) -> Double {
    switch span {
    case .steps(let count): Double(count)
    case .epochs(let count): (count * perEpoch).rounded()
    case .rest: rest
    }
  }
}
