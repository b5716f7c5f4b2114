import Schema

/// A batch that is made of micro-batches.
extension PlanValidator {
  mutating func checkMicroBatches() {
    let batches = plan.training.microBatches
    guard (1...MicroBatches.most).contains(batches.count) else {
      return report("batches of \(batches.count) micro-batches")
    }
    let update = plan.program(.update)
    guard batches.isOn else {
      if update != nil { report("an update program without micro-batches") }
      return
    }
    // A plan that only predicts has neither program.
    guard let train = plan.program(.train) else {
      if update != nil { report("an update program without a training program") }
      return
    }
    if plan.episodes != nil { report("micro-batches of episodes") }
    if batches.count > plan.training.batchSize {
      report("\(batches.count) micro-batches of a batch of \(plan.training.batchSize) rows")
    }
    if plan.training.taskWeighting.needsTaskGradients {
      report("micro-batches with \(plan.training.taskWeighting), which takes gradients apart")
    }
    if train.batchCapacity < batches.largest(of: plan.training.batchSize) {
      report("a training program for \(train.batchCapacity) rows, fewer than a micro-batch has")
    }
    checkUpdate(update, train)
    checkWeights()
  }

  private mutating func checkUpdate(_ update: Program?, _ train: Program) {
    guard let update else { return report("micro-batches without an update program") }
    if update.batchCapacity < plan.training.batchSize {
      report("an update program for \(update.batchCapacity) rows, fewer than a batch has")
    }
    let known = Set(train.feeds.map(\.name) + train.rowGradients.map(\.name))
    for feed in update.feeds where !known.contains(feed.name) {
      report("the update program is fed \(feed.name), which no micro-batch has")
    }
  }

  /// The parameter that each micro-batch finds the weights of its batch in.
  private mutating func checkWeights() {
    let name = MicroBatches.weightsParameter
    guard let record = plan.parameters.first(where: { $0.name == name }) else { return }
    if record.rows != 1 || record.columns != plan.schema.labels.count.plus(1) || record.isTrainable
    {
      report("\(name) is not a number for each label and one more")
    }
  }
}
