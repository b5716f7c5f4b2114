import GraphIR
import TensorTypes

/// Losses element by element, from logits where there is a sigmoid, so that no logarithm of 0 and
/// no difference of nearly equal numbers appears.
extension Emitter {
  /// −y·ln σ(z) − (1−y)·ln(1−σ(z)) = softplus(z) − z·y, of the shape of z.
  public func binaryCrossEntropy(logit z: Tensor, label y: Tensor) throws -> Tensor {
    try sub(softplus(z), mul(z, y))
  }

  /// (ŷ − y)², of the shape of ŷ.
  public func squaredError(_ prediction: Tensor, label: Tensor) throws -> Tensor {
    try square(sub(prediction, label))
  }

  /// Σ(w·x) / max(Σw, tiny), f32[]: the mean over the rows that count; 0 when none does.
  public func weightedMean(_ x: Tensor, weights: Tensor) throws -> Tensor {
    try div(sum(mul(x, weights)), max(sum(weights), constant(1e-12)))
  }
}
