import GraphIR
import TensorTypes

/// Losses element by element, from logits where there is a sigmoid, so that no logarithm of 0 and
/// no difference of nearly equal numbers appears.
extension Emitter {
  /// −y·ln σ(z) − (1−y)·ln(1−σ(z)) = softplus(z) − z·y, of the shape of z.
  package func binaryCrossEntropy(logit z: Tensor, label y: Tensor) throws -> Tensor {
    try sub(softplus(z), mul(z, y))
  }

  /// −w·y·ln σ(z) − (1−y)·ln(1−σ(z)) = w·y·softplus(−z) + (1−y)·softplus(z), of the shape of z.
  package func binaryCrossEntropy(
    logit z: Tensor, label y: Tensor, positiveWeight: Double
  ) throws -> Tensor {
    try add(
      mul(scale(y, by: positiveWeight), softplus(neg(z))),
      mul(sub(constant(1), y), softplus(z)))
  }

  /// −Σ_k t_k·ln softmax(z)_k = ln Σ_k exp(z_k) − Σ_k t_k·z_k for targets t that sum to 1, f32[B, 1]
  /// from logits f32[B, K]. The greatest logit is taken off first, so that no exponential overflows.
  package func softmaxCrossEntropy(logits z: Tensor, targets t: Tensor) throws -> Tensor {
    let greatest = try stopGradient(reduce(.max, z, axes: [1], keepAxes: true))
    let shifted = try sub(z, greatest)
    let total = try log(sum(exp(shifted), axes: [1], keepAxes: true))
    return try sub(total, sum(mul(t, shifted), axes: [1], keepAxes: true))
  }

  /// 1 in the column of each row's class: f32[B, 1] of class numbers → f32[B, classes].
  package func classColumns(_ label: Tensor, classes: Int) throws -> Tensor {
    let columns = try (0..<classes).map { k in
      try convertToFloat(compare(.equal, label, constant(Double(k))))
    }
    return columns.count == 1 ? columns[0] : try concat(columns, axis: 1)
  }

  /// (ŷ − y)², of the shape of ŷ.
  package func squaredError(_ prediction: Tensor, label: Tensor) throws -> Tensor {
    try square(sub(prediction, label))
  }

  /// −(1−p_y)^γ·ln p_y of the shape of z, with p_1 = σ(z) and p_0 = σ(−z).
  ///
  /// With z' = z for y = 1 and −z for y = 0, ln p_y = −softplus(−z') and ln(1−p_y) = −softplus(z').
  /// - Parameter alpha: The factor of rows with label 1, and 1 − alpha that of the others (Lin et al.,
  ///   ICCV 2017, eq. 5); nil for 1 each.
  package func focal(
    logit z: Tensor, label y: Tensor, gamma: Double, alpha: Double? = nil
  ) throws -> Tensor {
    let sign = try sub(scale(y, by: 2), constant(1))
    let signed = try mul(z, sign)
    let weight = try exp(scale(softplus(signed), by: -gamma))
    let loss = try mul(weight, softplus(neg(signed)))
    guard let alpha else { return loss }
    return try mul(loss, add(scale(y, by: 2 * alpha - 1), constant(1 - alpha)))
  }

  /// e²/2 for |e| ≤ δ, δ·(|e| − δ/2) beyond, with e = ŷ − y; of the shape of ŷ.
  package func huber(_ prediction: Tensor, label: Tensor, delta: Double) throws -> Tensor {
    let distance = try abs(sub(prediction, label))
    let capped = try min(distance, constant(delta))
    return try mul(capped, sub(distance, scale(capped, by: 0.5)))
  }

  /// Σ(w·x) / max(Σw, tiny), f32[]: the mean over the rows that count; 0 when none does.
  /// - Parameter total: What stands for Σw, f32[]; nil for the sum over these rows.
  package func weightedMean(_ x: Tensor, weights: Tensor, total: Tensor? = nil) throws -> Tensor {
    try div(sum(mul(x, weights)), max(total ?? sum(weights), constant(1e-12)))
  }
}
