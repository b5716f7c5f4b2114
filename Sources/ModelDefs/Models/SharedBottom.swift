import GraphIR

/// Shared-Bottom: hard parameter sharing.
///
/// R. Caruana, "Multitask Learning", Machine Learning 28, 1997; in the form of J. Ma et al., KDD
/// 2018, eq. 1. With the bottom f that all tasks share and the tower h^k of task k,
///
///     y_k = h^k(f(x))
public struct SharedBottom: ModelDefinition {
  public static let type = "shared_bottom"

  public static let bottomHiddenUnits = SpecKey.units(
    "bottom_hidden_units", default: [64], "The layers that all tasks share.")

  package static let section = SpecSection(
    "model of type \"shared_bottom\"",
    "Shared-Bottom (Caruana, 1997): one stack of layers for all tasks, then a tower per task.",
    keys: [bottomHiddenUnits, ModelKeys.towerHiddenUnits] + ModelKeys.style)

  var bottomUnits: [Int]
  var towerUnits: [Int]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    bottomUnits = section[Self.bottomHiddenUnits]
    towerUnits = section[ModelKeys.towerHiddenUnits]
    style = section.style
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let x = try e.concatenated(features)
    let shared = try e.mlp(x, units: bottomUnits, name: "bottom", style)
    return try e.towers(context.tasks.map { _ in shared }, units: towerUnits, context, style)
  }
}
