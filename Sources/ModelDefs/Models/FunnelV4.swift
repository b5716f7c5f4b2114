import GraphIR

/// A funnel of conditional probabilities with adaptive information transfer between its steps.
///
/// The product chain of ESMM (X. Ma et al., SIGIR 2018) over steps that pass information on as in
/// AITM (D. Xi et al., KDD 2021, eq. 4 and 5):
///
///     z_1        = q_1(x),    z_t = Σ_{u ∈ {p_{t−1}, q_t}} w_u h1(u),    p_{t−1} = info(z_{t−1})
///     w          = softmax(⟨h2(u), h3(u)⟩ / √k)
///     p(t | t−1) = σ(w_t · z_t)
///     p(t)       = Π_{i ≤ t} p(i | i−1)
public struct FunnelV4: FunnelModel {
  public static let type = "funnel_v4"

  package static let section = SpecSection(
    "model of type \"funnel_v4\"",
    "A funnel of conditional probabilities whose steps pass information on by attention.",
    keys: TransferChain.keys + Funnel.keys)

  var chain: TransferChain
  package var funnel: Funnel

  package init(_ section: SectionReader) {
    chain = TransferChain(section)
    funnel = Funnel(section)
  }

  package func check(_ scope: ModelScope) {
    chain.check(scope)
    funnel.check(scope)
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let logits = try chain.logits(
      e.concatenated(features), steps: funnel.order(context.tasks), funnel.conditional(context),
      on: e)
    return try funnel.heads(conditional: logits, context.tasks, on: e)
  }
}
