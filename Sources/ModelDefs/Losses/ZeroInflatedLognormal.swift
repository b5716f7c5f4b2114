import GraphIR
import Schema

/// A value that is 0 with probability 1 − p and lognormal otherwise.
///
/// X. Wang, T. Liu, J. Miao, "A Deep Probabilistic Model for Customer Lifetime Value Prediction",
/// arXiv:1912.07753, 2019, section 3. A head has three outputs: the logit of p, μ, and s with
/// σ = softplus(s).
enum ZeroInflatedLognormal {
  static let outputs = 3
  /// σ is at least this, so that the loss of a value that is hit exactly stays finite.
  static let leastDeviation = 1e-3
  /// ln of the largest mean that is predicted: exp of more is beyond the numbers of f32.
  static let greatestLogMean = 88.0
  /// ln √(2π).
  static let halfLogTwoPi = 0.5 * log(2 * Double.pi)
}

extension Emitter {
  /// The three outputs, f32[B, 1] each, the last one as σ.
  private func lognormalParts(
    _ head: Tensor
  ) throws -> (logit: Tensor, mean: Tensor, deviation: Tensor) {
    func column(_ k: Int) throws -> Tensor { try slice(head, axis: 1, k..<k + 1) }
    let deviation = try max(
      softplus(column(2)), constant(ZeroInflatedLognormal.leastDeviation))
    return (try column(0), try column(1), deviation)
  }

  /// BCE(1[y > 0], p) + 1[y > 0]·(ln(y·σ·√(2π)) + (ln y − μ)²/(2σ²)) of each row, f32[B, 1], of heads
  /// f32[B, 3] and labels y ≥ 0 (Wang et al., eq. 3 to 5).
  func zeroInflatedLognormal(_ head: Tensor, label y: Tensor) throws -> Tensor {
    let (logit, mean, deviation) = try lognormalParts(head)
    let isPositive = try compare(.greater, y, constant(0))
    let positive = try convertToFloat(isPositive)
    let logarithm = try log(select(isPositive, y, constant(1)))
    let distance = try div(sub(logarithm, mean), deviation)
    let lognormal = try add(
      add(logarithm, constant(ZeroInflatedLognormal.halfLogTwoPi)),
      add(log(deviation), scale(square(distance), by: 0.5)))
    return try add(
      binaryCrossEntropy(logit: logit, label: positive), mul(positive, lognormal))
  }

  /// The mean p·exp(μ + σ²/2), f32[B, 1] (Wang et al., section 3.3), its exponent at most 88.
  func zeroInflatedMean(_ head: Tensor) throws -> Tensor {
    let (logit, mean, deviation) = try lognormalParts(head)
    let exponent = try add(mean, scale(square(deviation), by: 0.5))
    return try mul(
      sigmoid(logit), exp(min(exponent, constant(ZeroInflatedLognormal.greatestLogMean))))
  }
}
