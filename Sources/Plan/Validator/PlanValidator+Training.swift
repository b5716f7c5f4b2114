import Schema

/// How the plan trains.
extension PlanValidator {
  mutating func checkTraining() {
    let training = plan.training
    let rows = 1...Self.maximumRows
    if !rows.contains(training.batchSize) { report("a batch size of \(training.batchSize)") }
    if !rows.contains(training.evaluationBatchSize) {
      report("an evaluation batch size of \(training.evaluationBatchSize)")
    }
    if !(0...Int(Int32.max)).contains(training.epochs) { report("\(training.epochs) epochs") }
    if training.validationSplit == .column, plan.schema.validationColumn == nil {
      report("rows are held back by a column, and the schema names none")
    }
    if training.keepsGroups, plan.schema.groupColumn == nil {
      report("batches keep groups together, and the schema names no column of groups")
    }
    if !(0..<1).contains(training.validationFraction) {
      report("a validation fraction of \(training.validationFraction)")
    }
    let rules = [training.optimizer.hyperparameters, training.optimizer.sparse?.hyperparameters]
    let numbers = rules.compactMap { $0 }.flatMap { rule in
      Hyperparameter.Name.allCases.map { rule[$0] }
    }
    if !numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) {
      report("an optimizer constant is negative or not finite")
    }
    checkSchedule(training.schedule)
    for bound in [training.clipping.value, training.clipping.norm] {
      if let bound, !bound.isFinite || bound <= 0 { report("a gradient clipping of \(bound)") }
    }
    if let stopping = training.earlyStopping {
      if stopping.patience < 1 || !stopping.minDelta.isFinite || stopping.minDelta < 0 {
        report("early stopping after \(stopping.patience) epochs without \(stopping.minDelta)")
      }
    }
    switch training.weightsAverage {
    case .exponential(let number)?, .stochastic(let number)?:
      if !(0..<1).contains(number) { report("an average of weights with \(number)") }
    case nil: break
    }
    checkTaskWeights(training)
  }

  private mutating func checkSchedule(_ schedule: LearningRateSchedule) {
    let factor =
      switch schedule.shape {
      case .constant: 1.0
      case .step(let factor), .exponential(let factor), .cosine(let factor): factor
      }
    let spans = [schedule.period, schedule.warmup].allSatisfy { span in
      switch span {
      case .steps(let count): (0...Self.maximumElements).contains(count)
      case .epochs(let count): count.isFinite && (0...Double(Int32.max)).contains(count)
      case .rest: true
      }
    }
    if !factor.isFinite || factor < 0 || !spans { report("a learning-rate schedule \(schedule)") }
  }

  private mutating func checkTaskWeights(_ training: TrainingSettings) {
    let names = training.taskWeights.map(\.task)
    if Set(names).count != names.count { report("two weights of one task") }
    if !training.taskWeights.allSatisfy({ $0.weight.isFinite && $0.weight >= 0 }) {
      report("a task's weight is negative or not finite")
    }
    let isSound =
      switch training.taskWeighting {
      case .fixed, .uncertainty, .pcGrad: true
      case .dynamicAverage(let temperature): temperature.isFinite && temperature > 0
      case .gradNorm(let alpha, let rate):
        alpha.isFinite && alpha >= 0 && rate.isFinite && rate >= 0
      }
    if !isSound { report("a task weighting \(training.taskWeighting)") }
  }
}
