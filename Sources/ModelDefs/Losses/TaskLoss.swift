import GraphIR
import Schema
import TensorTypes

/// The losses of a step, read from the feeds of labels.
struct TaskLoss<E: Emitter> {
  let emitter: E
  private let labels: E.Tensor
  private let mask: E.Tensor?
  private let sampleWeight: E.Tensor?

  /// - Parameter hasMissingLabels: whether some label of the data may be absent; without any, the
  ///   mask is not read.
  init(_ schema: DataSchema, hasMissingLabels: Bool, on emitter: E) throws {
    self.emitter = emitter
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
  }

  /// The loss of a task, f32[]: its mean over the rows whose label is present, each row counted by
  /// its weight.
  /// - Parameter column: The task's column of the feed of labels.
  func loss(_ task: TaskSpec, head: TaskHead<E.Tensor>, column: Int) throws -> E.Tensor {
    let e = emitter
    let own = try e.slice(labels, axis: 1, column..<column + 1)
    let label = try task.isMulticlass ? e.classColumns(own, classes: task.outputs) : own
    let rows: E.Tensor
    switch head {
    case .logit(let output): rows = try loss(task, output, smoothed(label, task))
    case .product(let product): rows = try loss(task, product, smoothed(label, task))
    }
    var weights = sampleWeight
    if let mask {
      let present = try e.slice(mask, axis: 1, column..<column + 1)
      weights = try weights.map { try e.mul($0, present) } ?? present
    }
    return try weights.map { try e.weightedMean(rows, weights: $0) } ?? e.mean(rows)
  }

  /// The loss of each row, f32[B, 1], from a logit, a value or the logits of classes.
  private func loss(_ task: TaskSpec, _ output: E.Tensor, _ label: E.Tensor) throws -> E.Tensor {
    switch task.loss {
    case .binaryCrossEntropy: try emitter.binaryCrossEntropy(logit: output, label: label)
    case .focal: try emitter.focal(logit: output, label: label, gamma: task.focalGamma)
    case .softmaxCrossEntropy: try emitter.softmaxCrossEntropy(logits: output, targets: label)
    case .meanSquaredError: try emitter.squaredError(output, label: label)
    case .meanAbsoluteError: try emitter.abs(emitter.sub(output, label))
    case .huber: try emitter.huber(output, label: label, delta: task.huberDelta)
    }
  }

  /// The loss of each row, f32[B, 1], from a product of probabilities.
  private func loss(
    _ task: TaskSpec, _ product: ProbabilityProduct<E.Tensor>, _ label: E.Tensor
  ) throws -> E.Tensor {
    switch task.loss {
    case .binaryCrossEntropy: try emitter.binaryCrossEntropy(product, label: label)
    case .focal, .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber:
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
