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
    let label = try e.slice(labels, axis: 1, column..<column + 1)
    let rows =
      switch (task.loss, head) {
      case (.binaryCrossEntropy, .logit(let z)): try e.binaryCrossEntropy(logit: z, label: label)
      case (.binaryCrossEntropy, .product(let p)): try e.binaryCrossEntropy(p, label: label)
      case (.meanSquaredError, .logit(let y)): try e.squaredError(y, label: label)
      case (.meanSquaredError, .product(let p)): try e.squaredError(p.probability, label: label)
      }
    var weights = sampleWeight
    if let mask {
      let present = try e.slice(mask, axis: 1, column..<column + 1)
      weights = try weights.map { try e.mul($0, present) } ?? present
    }
    return try weights.map { try e.weightedMean(rows, weights: $0) } ?? e.mean(rows)
  }
}
