import GraphIR

/// Multi-gate Mixture-of-Experts.
///
/// J. Ma, Z. Zhao, X. Yi, J. Chen, L. Hong, E. Chi, "Modeling Task Relationships in Multi-task
/// Learning with Multi-gate Mixture-of-Experts", KDD 2018, eq. 6 and 7. With the experts f_i, the
/// gate g^k and the tower h^k of task k,
///
///     g^k(x) = softmax(W_gk x)
///     f^k(x) = Σ_i g^k(x)_i f_i(x)
///     y_k    = h^k(f^k(x))
///
/// Here a gate may have hidden layers before its softmax, and always has a bias.
public struct MMoE: ModelDefinition {
  public static let type = "mmoe"

  public static let numExperts = SpecKey.integer(
    "num_experts", default: 8, in: 1...4096, "How many experts all tasks share.")
  public static let expertHiddenUnits = SpecKey.units(
    "expert_hidden_units", default: [64], "The layers of each expert.")
  public static let gateHiddenUnits = SpecKey.units(
    "gate_hidden_units", default: [], "The hidden layers of each task's gate.")

  package static let section = SpecSection(
    "model of type \"mmoe\"",
    "Multi-gate Mixture-of-Experts (Ma et al., KDD 2018): each task mixes the experts by a gate of"
      + " its own.",
    keys: [numExperts, expertHiddenUnits, gateHiddenUnits, ModelKeys.towerHiddenUnits]
      + ModelKeys.style)

  var expertCount: Int
  var experts: Experts
  var towerUnits: [Int]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    expertCount = section[Self.numExperts]
    experts = Experts(section)
    towerUnits = section[ModelKeys.towerHiddenUnits]
    style = section.style
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let x = try e.concatenated(features)
    let stack = try e.stack(e.experts(x, expertCount, experts, name: "experts", style))
    let heads = try context.tasks.indices.map { task in
      let weights = try e.gate(
        x, over: expertCount, hidden: experts.gateUnits,
        name: "gates.\(context.tasks[task].name)", style)
      let mixed = try e.mixture(stack, weights: weights)
      return try e.tower(mixed, units: towerUnits, of: task, context, style)
    }
    return ModelHeads(heads)
  }
}
