import GraphIR
import Schema
import TensorTypes

/// The factor of a normalized regression's loss beside other tasks.
///
/// The derivative of a binary task's loss by its logit has a root mean square of at most ½, whatever its
/// loss. That of a square error is 2·√L: large at first, when it would decide alone where the shared
/// layers go (and, under Adam, keep their steps small long after), and small at the end. The factor
/// ½/s(L) makes it ½ throughout. L is a mean over the past steps that leaves out the present one, so
/// that the gradient stays one of the mean square: a batch of extreme labels counts in full.
struct RegressionWeight {
  let task: TaskSpec
  private let id: ParameterID

  /// Nil for a task whose loss is not of normalized labels.
  init?(_ task: TaskSpec, _ prior: LabelPrior?) {
    guard task.labelScale(prior) != nil else { return nil }
    self.task = task
    id = ParameterID("towers.\(task.name).label.loss")
  }

  /// The share of the past in the mean of losses.
  private static let decay = 0.9
  /// Below it s does not fall, so that a loss near 0 has no boundless factor.
  private static let smallest = 0.1

  /// The loss times its factor, f32[] from f32[], and the output `weight.<task>`.
  ///
  /// State `towers.<task>.label.loss`, f32[1]: the mean of the losses, from that of predicting the mean.
  /// A batch without labels, whose loss is 0, leaves it as it is.
  /// - Parameter isAbsent: Whether the batch has no labels, where the loss does not say so.
  func weighted<E: Emitter>(
    _ loss: E.Tensor, isAbsent: E.Tensor? = nil, on e: E
  ) throws -> E.Tensor {
    guard let start else {
      try e.output(OutputName.weight(task.name), e.constant(0.5))
      return try e.scale(loss, by: 0.5)
    }
    let state = try e.parameter(
      Parameter(id, .f32(1), .constant(start), isTrainable: false))
    let mean = try e.reshape(state, .scalar)
    let factor = try e.div(
      e.constant(0.5), e.max(slope(mean, on: e), e.constant(Self.smallest)))
    try e.output(OutputName.weight(task.name), factor)
    let next = try e.add(
      e.scale(mean, by: Self.decay), e.scale(loss, by: 1 - Self.decay))
    let isAbsent = try isAbsent ?? e.compare(.equal, loss, e.constant(0))
    let kept = try e.select(isAbsent, mean, next)
    _ = try e.emit(.effect(.assign(id, .f32(1))), [e.reshape(kept, [1])])
    return try e.mul(loss, factor)
  }

  /// The loss of predicting the mean, of labels with deviation ½; nil where the derivative does not
  /// depend on the loss.
  private var start: Double? {
    switch task.loss {
    case .meanSquaredError: 0.25
    case .huber: 0.125
    case .meanAbsoluteError, .binaryCrossEntropy, .focal, .softmaxCrossEntropy, .ziln,
      .pairwiseLogistic, .jrc:
      nil
    }
  }

  /// The root mean square s(L) of the loss's derivative by the output, f32[]: 2·√L for the square error,
  /// at most min(√(2L), δ) for `huber`.
  private func slope<E: Emitter>(_ loss: E.Tensor, on e: E) throws -> E.Tensor {
    guard task.loss == .huber else { return try e.scale(e.sqrt(loss), by: 2) }
    return try e.min(
      e.sqrt(e.scale(loss, by: 2)), e.constant(task.scaledHuberDelta(isNormalized: true)))
  }
}
