import GraphIR

/// A funnel whose steps see the step before: each conditional probability is read from the step's
/// own hidden output beside that of the step before.
///
/// After ESMM (X. Ma et al., SIGIR 2018), with the information passed on by concatenation:
///
///     h_1        = q_1(x),    h_t = [q_t(x), h_{t−1}]
///     p(t | t−1) = σ(w_t · h_t)
///     p(t)       = Π_{i ≤ t} p(i | i−1)
public struct FunnelV3: FunnelModel {
  public static let type = "funnel_v3"

  package static let section = SpecSection(
    "model of type \"funnel_v3\"",
    "A funnel whose steps also read the hidden output of the step before, beside their own.",
    keys: [ModelKeys.towerHiddenUnits] + Funnel.keys + ModelKeys.style)

  var towerUnits: [Int]
  package var funnel: Funnel
  var style: LayerStyle

  package init(_ section: SectionReader) {
    towerUnits = section[ModelKeys.towerHiddenUnits]
    funnel = Funnel(section)
    style = section.style
  }

  package func check(_ scope: ModelScope) {
    funnel.check(scope)
    if towerUnits.isEmpty {
      scope.report("a step needs a hidden layer to pass on", ModelKeys.towerHiddenUnits)
    }
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let x = try e.concatenated(features)
    var before: E.Tensor?
    let steps = funnel.conditional(context)
    let logits = try funnel.order(context.tasks).map { task in
      let name = "towers.\(context.tasks[task].name)"
      let own = try e.mlp(x, units: towerUnits, name: name, style)
      let hidden = try before.map { try e.concat([own, $0], axis: 1) } ?? own
      before = hidden
      return try e.output(hidden, of: task, steps)
    }
    return try funnel.heads(conditional: logits, context.tasks, on: e)
  }
}
