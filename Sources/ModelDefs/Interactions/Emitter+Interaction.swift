import GraphIR
import TensorTypes

extension Emitter {
  /// The cross layers of DCN-V2: f32[B, n] → f32[B, n].
  ///
  /// R. Wang et al., "DCN V2: Improved Deep & Cross Network and Practical Lessons for Web-scale
  /// Learning to Rank Systems", WWW 2021, eq. 1 and 2. From x_0 = x,
  ///
  ///     x_{l+1} = x_0 ⊙ (W_l·x_l + b_l) + x_l,    W_l = U_l·V_lᵀ where a rank is given
  ///
  /// Parameters `<name>.<l>.kernel` f32[n, n] and `<name>.<l>.bias` f32[n]; with a rank the kernel is
  /// f32[rank, n] and follows `<name>.<l>.projection.kernel` f32[n, rank].
  func crossNetwork(
    _ x: Tensor, layers: Int, rank: Int?, name: String, l2: Double
  ) throws -> Tensor {
    guard let width = shape(of: x).last?.fixedSize else {
      throw TypeError(op: "cross_network", "the input has type \(type(of: x)), expected f32[B, *]")
    }
    var crossed = x
    for layer in 0..<layers {
      let input =
        try rank.map {
          try dense(
            crossed, units: $0, name: "\(name).\(layer).projection", l2: l2, hasBias: false)
        } ?? crossed
      let factor = try dense(input, units: width, name: "\(name).\(layer)", l2: l2)
      crossed = try add(mul(x, factor), crossed)
    }
    return crossed
  }

  /// Σ_{i<j} v_i ⊙ v_j = ((Σ_i v_i)² − Σ_i v_i²)/2 of as many f32[B, n] → f32[B, n].
  ///
  /// X. He, T.-S. Chua, "Neural Factorization Machines for Sparse Predictive Analytics", SIGIR 2017,
  /// eq. 3 and 4; its sum over the columns is the second-order term of a factorization machine
  /// (S. Rendle, "Factorization Machines", ICDM 2010, lemma 3.1).
  func pairProducts(_ embeddings: [Tensor]) throws -> Tensor {
    guard let first = embeddings.first else { throw ModelError("the model has no embeddings") }
    let rest = embeddings.dropFirst()
    let total = try rest.reduce(first) { try add($0, $1) }
    let squares = try rest.reduce(square(first)) { try add($0, square($1)) }
    return try scale(sub(square(total), squares), by: 0.5)
  }
}
