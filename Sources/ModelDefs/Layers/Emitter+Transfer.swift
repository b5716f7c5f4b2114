import GraphIR

extension Emitter {
  /// Adaptive information transfer: attention over what comes from the step before, p, and the
  /// step's own hidden output, q.
  ///
  ///     z = Σ_{u ∈ {p, q}} w_u h1(u),    w = softmax(⟨h2(u), h3(u)⟩ / √k)
  ///
  /// D. Xi et al., KDD 2021, eq. 4 and 5. Parameters `<name>.value.kernel`, `<name>.query.kernel`
  /// and `<name>.key.kernel` of the projections h1, h2 and h3 to `units`, without bias.
  package func adaptiveTransfer(
    from p: Tensor, to q: Tensor, units: Int, name: String, _ style: LayerStyle
  ) throws -> Tensor {
    func project(_ u: Tensor, _ part: String) throws -> Tensor {
      try dense(u, units: units, name: "\(name).\(part)", l2: style.l2, hasBias: false)
    }
    let scale = 1 / Double(units).squareRoot()
    var values: [Tensor] = []
    var scores: [Tensor] = []
    for u in [p, q] {
      values.append(try project(u, "value"))
      let products = try mul(project(u, "query"), project(u, "key"))
      scores.append(try self.scale(sum(products, axes: [1], keepAxes: true), by: scale))
    }
    let weights = try softmax(concat(scores, axis: 1))
    return try mixture(stack(values), weights: weights)
  }

  /// Σ_t mean(max(p_t − p_{t−1}, 0)), f32[]: how far a later step is said to be likelier than the
  /// one before it. Nil for a single step.
  package func orderPenalty(_ probabilities: [Tensor]) throws -> Tensor? {
    var total: Tensor?
    for (earlier, later) in zip(probabilities, probabilities.dropFirst()) {
      let excess = try mean(relu(sub(later, earlier)))
      total = try total.map { try add($0, excess) } ?? excess
    }
    return total
  }
}
