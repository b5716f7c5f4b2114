import GraphIR

/// A funnel of any number of steps with a tower for each conditional probability.
///
/// ESMM (X. Ma et al., SIGIR 2018) with more than two steps; H. Wen et al., "Entire Space
/// Multi-Task Modeling via Post-Click Behavior Decomposition for Conversion Rate Prediction", SIGIR
/// 2020, derive the chain. With the hidden output q_t of step t's tower,
///
///     p(t | t−1) = σ(w_t · q_t(x))
///     p(t)       = Π_{i ≤ t} p(i | i−1)
///
/// and the losses are those of p(t) over all rows.
public struct FunnelV2: FunnelModel {
  public static let type = "funnel_v2"

  package static let section = SpecSection(
    "model of type \"funnel_v2\"",
    "A funnel of any number of steps: a tower for each conditional probability, products of them"
      + " for the steps.",
    keys: [ModelKeys.towerHiddenUnits] + Funnel.keys + ModelKeys.style)

  var towerUnits: [Int]
  package var funnel: Funnel
  var style: LayerStyle

  package init(_ section: SectionReader) {
    towerUnits = section[ModelKeys.towerHiddenUnits]
    funnel = Funnel(section)
    style = section.style
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let x = try e.concatenated(features)
    let steps = funnel.conditional(context)
    let logits = try funnel.order(context.tasks).map { task in
      try e.tower(x, units: towerUnits, of: task, steps, style)
    }
    return try funnel.heads(conditional: logits, context.tasks, on: e)
  }
}
