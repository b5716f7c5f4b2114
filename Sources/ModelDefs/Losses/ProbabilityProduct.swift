import GraphIR

/// p = Π σ(z_i): the probability that every step of a chain happens, each given the one before.
/// The losses read the logarithms, which stay exact where p rounds to 0 or to 1. Each f32[B, 1].
package struct ProbabilityProduct<Tensor> {
  /// p.
  package var probability: Tensor
  /// ln p = −Σ softplus(−z_i).
  package var logarithm: Tensor
  /// ln(1 − p).
  package var logComplement: Tensor
}

extension Emitter {
  /// p·σ(z), or σ(z) for the first factor.
  ///
  /// 1 − p·σ(z) = (1 − p) + p·σ(−z), a sum of positive terms, which is taken in logarithms:
  ///
  ///     ln(1 − p·σ(z)) = ln(exp(ln(1 − p)) + exp(ln p + ln σ(−z))),    ln σ(−z) = −softplus(z)
  /// - Parameter predictionOffset: What is added to z in the probability, which is predicted; the
  ///   logarithms, which the losses read, go without.
  package func product(
    _ head: ProbabilityProduct<Tensor>?, logit z: Tensor, predictionOffset: Double = 0
  ) throws -> ProbabilityProduct<Tensor> {
    let yes = try sigmoid(predictionOffset == 0 ? z : add(z, constant(predictionOffset)))
    let (ifYes, ifNo) = (try softplus(neg(z)), try softplus(z))
    guard let head else {
      return ProbabilityProduct(
        probability: yes, logarithm: try neg(ifYes), logComplement: try neg(ifNo))
    }
    return ProbabilityProduct(
      probability: try mul(head.probability, yes),
      logarithm: try sub(head.logarithm, ifYes),
      logComplement: try logAddExp(head.logComplement, sub(head.logarithm, ifNo)))
  }

  /// ln(eᵃ + eᵇ) = m + softplus(n − m) with m = max(a, b) and n = min(a, b), which neither overflows
  /// nor loses the smaller term beside the larger.
  ///
  /// Equal operands get half of the cotangent each: a tie of max or min goes to its first operand,
  /// and both count half.
  package func logAddExp(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let (larger, smaller) = (try max(a, b), try min(b, a))
    return try add(larger, softplus(sub(smaller, larger)))
  }

  /// −w·y·ln p − (1−y)·ln(1−p), of the shape of p, with the weight w of positive labels.
  package func binaryCrossEntropy(
    _ product: ProbabilityProduct<Tensor>, label y: Tensor, positiveWeight: Double = 1
  ) throws -> Tensor {
    let negative = try mul(sub(constant(1), y), product.logComplement)
    let positive = positiveWeight == 1 ? y : try scale(y, by: positiveWeight)
    return try neg(add(mul(positive, product.logarithm), negative))
  }
}
