import TensorTypes

/// Ops that stand for several others and have kernels of their own. Made by the passes; what each
/// means is its `expand`.
public enum FusedOp: Sendable, Hashable {
  /// (experts [B, count·width], logits [B, Σ gate sizes]) → (outputs [B, gates·width], weights as
  /// logits): for each gate w = softmax(logits), output = Σ w·expert.
  case mixture(MixtureForm)
  /// (experts, weights, g [B, gates·width]) → the cotangents of experts and logits from that of the
  /// outputs. With `gradientOf` the former is multiplied by that activation's derivative at the
  /// experts.
  case mixtureGradient(MixtureForm, gradientOf: EpilogueActivation?)
  /// (tables …, ids …) → [B, Σ columns]: rows of tables by id, pooled, side by side.
  case embeddings(EmbeddingForm)
  /// (ids …, g) → the cotangent of each table.
  case embeddingsGradient(EmbeddingForm)
  /// (W [R, N], ids i32[B] …, bias [N] and addend [B, N] where they are) →
  /// act(Σ_f W[offset_f + id_f] + bias + addend) [B, N]: a product with one-hot columns.
  case oneHotLinear(OneHotForm)
  /// (ids i32[B] …, g [B, N]) → the cotangent of W.
  case oneHotGradient(OneHotForm)
  /// Elementwise ops in one loop.
  case chain(ElementwiseChain)

  public var mnemonic: String {
    switch self {
    case .mixture: "mixture"
    case .mixtureGradient: "mixture_gradient"
    case .embeddings: "embeddings"
    case .embeddingsGradient: "embeddings_gradient"
    case .oneHotLinear: "one_hot_linear"
    case .oneHotGradient: "one_hot_gradient"
    case .chain: "chain"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .mixture(let form): try form.infer(mnemonic, operands)
    case .mixtureGradient(let form, _): try form.inferGradient(mnemonic, operands)
    case .embeddings(let form): try form.infer(mnemonic, operands)
    case .embeddingsGradient(let form): try form.inferGradient(mnemonic, operands)
    case .oneHotLinear(let form): try form.infer(mnemonic, operands)
    case .oneHotGradient(let form): try form.inferGradient(mnemonic, operands)
    case .chain(let chain): try chain.infer(mnemonic, operands)
    }
  }

  /// The same results from ops of the other families: what the op means, and how engines without a
  /// kernel for it compute it.
  public func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> [E.Tensor] {
    switch self {
    case .mixture(let form): try form.expand(emitter, operands)
    case .mixtureGradient(let form, let activation):
      try form.expandGradient(emitter, operands, activation)
    case .embeddings(let form): [try form.expand(emitter, operands)]
    case .embeddingsGradient(let form): try form.expandGradient(emitter, operands)
    case .oneHotLinear(let form): [try form.expand(emitter, operands)]
    case .oneHotGradient(let form): [try form.expandGradient(emitter, operands)]
    case .chain(let chain): try chain.expand(emitter, operands)
    }
  }
}
