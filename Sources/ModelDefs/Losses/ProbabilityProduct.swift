import GraphIR

/// p = Π σ(z_i): the probability that every step of a chain happens, each given the one before.
/// Kept in three forms so that no loss takes the logarithm of a rounded 0. Each f32[B, 1].
public struct ProbabilityProduct<Tensor> {
  /// p.
  public var probability: Tensor
  /// 1 − p, as a sum of positive terms.
  public var complement: Tensor
  /// ln p = −Σ softplus(−z_i).
  public var logarithm: Tensor
}

extension Emitter {
  /// p·σ(z), or σ(z) for the first factor.
  ///
  /// 1 − p·σ(z) = (1 − p) + p·σ(−z), where nothing cancels.
  public func product(
    _ head: ProbabilityProduct<Tensor>?, logit z: Tensor
  ) throws -> ProbabilityProduct<Tensor> {
    let negative = try neg(z)
    let (yes, no) = (try sigmoid(z), try sigmoid(negative))
    let penalty = try softplus(negative)
    guard let head else {
      return ProbabilityProduct(probability: yes, complement: no, logarithm: try neg(penalty))
    }
    return ProbabilityProduct(
      probability: try mul(head.probability, yes),
      complement: try add(head.complement, mul(head.probability, no)),
      logarithm: try sub(head.logarithm, penalty))
  }

  /// −y·ln p − (1−y)·ln(1−p), of the shape of p.
  public func binaryCrossEntropy(
    _ product: ProbabilityProduct<Tensor>, label y: Tensor
  ) throws -> Tensor {
    let logComplement = try log(add(product.complement, constant(1e-30)))
    let negative = try mul(sub(constant(1), y), logComplement)
    return try neg(add(mul(y, product.logarithm), negative))
  }
}
