import GraphIR

/// Layered MMoE: Multi-gate Mixture-of-Experts layers on top of each other, each with experts of any
/// number of layers.
///
/// After J. Ma et al., KDD 2018, eq. 6 and 7. Layer j has shared experts f_i^j and a gate per task.
/// The first layer reads the features, x^0 = x^{k,0} = x; each further one reads what the layer
/// below mixed: its experts that of all tasks side by side, task k's gate that of task k:
///
///     g^{k,j}  = softmax(W_g^{k,j} x^{k,j−1})
///     x^{k,j}  = Σ_i g_i^{k,j} f_i^j(x^{j−1}),    x^j = [x^{1,j}, …, x^{K,j}]
///     y_k      = h^k(x^{k,N})
///
/// With one layer it is MMoE.
public struct MMoEV2: ModelDefinition {
  public static let type = "mmoe_v2"

  public static let numLayers = SpecKey.integer(
    "num_layers", default: 2, in: 1...SpecLimits.layers, "How many mixtures follow each other.")

  package static let section = SpecSection(
    "model of type \"mmoe_v2\"",
    "Layered MMoE: mixtures of experts on top of each other, each with a gate per task.",
    keys: [
      numLayers, MMoE.numExperts, MMoE.expertHiddenUnits, MMoE.gateHiddenUnits,
      ModelKeys.towerHiddenUnits,
    ] + ModelKeys.style)

  var layers: Int
  var expertCount: Int
  var experts: Experts
  var towerUnits: [Int]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    layers = section[Self.numLayers]
    expertCount = section[MMoE.numExperts]
    experts = Experts(section)
    towerUnits = section[ModelKeys.towerHiddenUnits]
    style = section.style
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let tasks = context.tasks
    var x = try e.concatenated(features)
    var inputs = tasks.map { _ in x }
    for layer in 0..<layers {
      let stack = try e.stack(
        e.experts(x, expertCount, experts, name: "layers.\(layer).experts", style))
      inputs = try zip(inputs, tasks).map { input, task in
        let weights = try e.gate(
          input, over: expertCount, hidden: experts.gateUnits,
          name: "layers.\(layer).gates.\(task.name)", style)
        return try e.mixture(stack, weights: weights)
      }
      x = inputs.count == 1 ? inputs[0] : try e.concat(inputs, axis: 1)
    }
    return try e.towers(inputs, units: towerUnits, context, style)
  }
}
