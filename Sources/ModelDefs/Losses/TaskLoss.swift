import GraphIR
import Schema
import TensorTypes

/// The losses of a step, read from the feeds of labels.
package struct TaskLoss<E: Emitter> {
  private let emitter: E
  private let context: ModelContext
  private let labels: E.Tensor
  private let mask: E.Tensor?
  private let sampleWeight: E.Tensor?
  /// Of rows that some task compares.
  private let groups: E.Tensor?
  /// What is known of the whole batch where these rows are a part of it.
  private let batch: BatchWeights<E>?

  /// - Parameters:
  ///   - hasMissingLabels: whether some label of the data may be absent; without any, the mask is not read.
  ///   - batch: nil for rows that are a whole batch.
  package init(
    _ context: ModelContext, _ schema: DataSchema, hasMissingLabels: Bool,
    batch: BatchWeights<E>? = nil, on emitter: E
  ) throws {
    self.batch = batch
    self.emitter = emitter
    self.context = context
    let layout = schema.feeds
    guard let feed = layout.feed(named: FeedLayout.labels) else {
      throw ModelError("the data schema has no labels")
    }
    let type = TensorType.f32(.batch, .fixed(feed.width))
    labels = try emitter.input(InputID(FeedLayout.labels), type)
    mask = hasMissingLabels ? try emitter.input(InputID(FeedLayout.labelMask), type) : nil
    sampleWeight =
      layout.feed(named: FeedLayout.sampleWeight) == nil
      ? nil : try emitter.input(InputID(FeedLayout.sampleWeight), .f32(.batch, 1))
    groups =
      context.tasks.contains(where: \.loss.comparesRows)
      ? try emitter.input(InputID(FeedLayout.group), .i32(.batch, 2)) : nil
    guard groups == nil || layout.feed(named: FeedLayout.group) != nil else {
      throw ModelError("the data schema has no groups")
    }
  }

  /// The loss of a task, f32[]: its mean over the rows whose label is present, or over pairs of them,
  /// each row counted by its weight. Of an ensemble it is the mean of the members' losses.
  /// - Parameter column: The task's place, and its column of the feed of labels.
  package func loss(_ column: Int, head: TaskHead<E.Tensor>) throws -> E.Tensor {
    let (e, task) = (emitter, context.tasks[column])
    let label = try e.slice(labels, axis: 1, column..<column + 1)
    let own = context.members == 1 ? label : try e.repeated(label, context.members)
    let rows: E.Tensor
    switch head {
    case .logit(let output):
      if let groups, task.loss.comparesRows {
        return try groupLoss(column, output, own, groups)
      }
      switch task.kind {
      case .binary: rows = try loss(task, output, smoothed(own, task))
      case .multiclass:
        let columns = try e.classColumns(own, classes: task.outputs)
        rows = try loss(task, output, smoothed(columns, task))
      case .regression:
        let scale = try e.labelScale(task, context.priors[column])
        let target = try scale.map { try e.div(e.sub(own, $0.mean), $0.deviation) } ?? own
        rows = try regressionLoss(
          task, output, target, delta: task.scaledHuberDelta(isNormalized: scale != nil))
      }
    case .product(let product): rows = try loss(task, product, smoothed(own, task))
    }
    return try mean(e.memberMean(rows), column)
  }

  private func mean(_ rows: E.Tensor, _ column: Int) throws -> E.Tensor {
    guard let weights = try weights(column) else { return try emitter.mean(rows) }
    return try emitter.weightedMean(rows, weights: weights, total: batch?.total(of: column))
  }

  /// Whether no row of the batch has a label of the task, a mask of one element, where the loss of a part of the
  /// batch does not say so; nil elsewhere.
  func isAbsent(_ column: Int) throws -> E.Tensor? {
    guard let batch, mask != nil || sampleWeight != nil else { return nil }
    return try emitter.compare(.equal, batch.total(of: column), emitter.constant(0))
  }

  /// The loss of a task that compares rows of a group, f32[].
  private func groupLoss(
    _ column: Int, _ output: E.Tensor, _ label: E.Tensor, _ groups: E.Tensor
  ) throws -> E.Tensor {
    let (task, weights) = (context.tasks[column], try weights(column))
    if task.loss == .pairwiseLogistic {
      return try emitter.pairwiseLogistic(
        logit: output, label: label, weights: weights, groups: groups)
    }
    let rows = try emitter.jointRankingCalibration(
      output, label: label, weights: weights, groups: groups, alpha: task.jrcAlpha)
    return try mean(rows, column)
  }

  /// The weights of the rows in a task's loss, f32[B, 1]; nil where all are 1.
  private func weights(_ column: Int) throws -> E.Tensor? {
    guard let mask else { return sampleWeight }
    let present = try emitter.slice(mask, axis: 1, column..<column + 1)
    return try sampleWeight.map { try emitter.mul($0, present) } ?? present
  }

  /// The loss of each row, f32[B, 1], from a logit or the logits of classes.
  private func loss(_ task: TaskSpec, _ output: E.Tensor, _ label: E.Tensor) throws -> E.Tensor {
    switch task.loss {
    case .binaryCrossEntropy:
      task.positiveWeight == 1
        ? try emitter.binaryCrossEntropy(logit: output, label: label)
        : try emitter.binaryCrossEntropy(
          logit: output, label: label, positiveWeight: task.positiveWeight)
    case .focal:
      try emitter.focal(
        logit: output, label: label, gamma: task.focalGamma, alpha: task.focalAlpha)
    case .softmaxCrossEntropy: try emitter.softmaxCrossEntropy(logits: output, targets: label)
    case .meanSquaredError, .meanAbsoluteError, .huber, .ziln:
      try regressionLoss(task, output, label, delta: task.huberDelta)
    case .pairwiseLogistic, .jrc:
      throw ModelError("\(quoted(task.loss.rawValue)) is no loss of a row alone")
    }
  }

  /// The loss of each row, f32[B, 1], from a value.
  /// - Parameter delta: δ of `huber` in the unit of the target.
  private func regressionLoss(
    _ task: TaskSpec, _ output: E.Tensor, _ target: E.Tensor, delta: Double
  ) throws -> E.Tensor {
    let e = emitter
    switch task.loss {
    case .meanSquaredError: return try e.squaredError(output, label: target)
    case .meanAbsoluteError: return try e.abs(e.sub(output, target))
    case .huber:
      return try e.huber(output, label: target, delta: delta)
    case .ziln: return try e.zeroInflatedLognormal(output, label: target)
    case .binaryCrossEntropy, .focal, .softmaxCrossEntropy, .pairwiseLogistic, .jrc:
      throw ModelError("\(quoted(task.loss.rawValue)) is no loss of a regression")
    }
  }

  /// The loss of each row, f32[B, 1], from a product of probabilities.
  private func loss(
    _ task: TaskSpec, _ product: ProbabilityProduct<E.Tensor>, _ label: E.Tensor
  ) throws -> E.Tensor {
    switch task.loss {
    case .binaryCrossEntropy:
      try emitter.binaryCrossEntropy(
        product, label: label, positiveWeight: task.positiveWeight)
    case .focal, .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber, .ziln,
      .pairwiseLogistic, .jrc:
      throw ModelError(
        "the task \(quoted(task.name)) is a product of probabilities, which has no loss"
          + " \(quoted(task.loss.rawValue))")
    }
  }

  /// y·(1−ε) + ε/2, or over n classes y·(1−ε) + ε/n.
  private func smoothed(_ label: E.Tensor, _ task: TaskSpec) throws -> E.Tensor {
    guard task.labelSmoothing > 0 else { return label }
    let scaled = try emitter.scale(label, by: 1 - task.labelSmoothing)
    return try emitter.add(
      scaled, emitter.constant(task.labelSmoothing / Double(max(2, task.outputs))))
  }
}
