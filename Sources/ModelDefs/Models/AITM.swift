import GraphIR

/// Adaptive Information Transfer Multi-task.
///
/// D. Xi, Z. Chen, P. Yan, Y. Zhang, Y. Zhu, F. Zhuang, Y. Chen, "Modeling the Sequential
/// Dependence among Audience Multi-step Conversions with Multi-task Learning in Targeted Display
/// Advertising", KDD 2021, eq. 1 to 8. With step t's tower q_t and the information p_{t−1} of the
/// step before,
///
///     z_1 = q_1(x),    z_t = Σ_{u ∈ {p_{t−1}, q_t}} w_u h1(u),    w = softmax(⟨h2(u), h3(u)⟩ / √k)
///     p_{t−1} = info(z_{t−1}),    ŷ_t = σ(w_t · z_t)
///
/// The behavioural expectation calibrator adds α·Σ_t max(ŷ_t − ŷ_{t−1}, 0) to the cross entropies
/// of the ŷ_t. Here it is a mean over the rows, as the cross entropies are.
public struct AITM: FunnelModel {
  public static let type = "aitm"

  package static let alpha: SpecKey<Double> = {
    var key = Funnel.alphaKey
    key.fallback = 0.6
    key.defaultText = "0.6"
    return key
  }()

  package static let section = SpecSection(
    "model of type \"aitm\"",
    "Adaptive Information Transfer Multi-task (Xi et al., KDD 2021): steps that pass information on"
      + " by attention, and a penalty on a step that is likelier than the one before.",
    keys: TransferChain.keys + Funnel.commonKeys + [alpha])

  var chain: TransferChain
  package var funnel: Funnel

  package init(_ section: SectionReader) {
    chain = TransferChain(section)
    funnel = Funnel(section, alpha: Self.alpha)
  }

  package func check(_ scope: ModelScope) {
    chain.check(scope)
    funnel.check(scope)
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let logits = try chain.logits(
      e.concatenated(features), steps: funnel.order(context.tasks), context, on: e)
    return try funnel.heads(marginal: logits, context.tasks, on: e)
  }
}
