import GraphIR

/// Customized Gate Control: one level of experts, some for one task only.
///
/// H. Tang, J. Liu, M. Zhao, X. Gong, "Progressive Layered Extraction (PLE): A Novel Multi-Task
/// Learning (MTL) Model for Personalized Recommendations", RecSys 2020, eq. 1 to 3. With the
/// selected matrix S^k(x) of task k's own experts and the shared ones, its gate g^k and its tower
/// t^k,
///
///     w^k(x) = softmax(W_g^k x)
///     g^k(x) = w^k(x) S^k(x)
///     y^k(x) = t^k(g^k(x))
public struct CGC: ModelDefinition {
  public static let type = "cgc"

  package static let section = SpecSection(
    "model of type \"cgc\"",
    "Customized Gate Control (Tang et al., RecSys 2020): each task mixes experts of its own with"
      + " shared ones.",
    keys: ExtractionKeys.keys)

  var sizes: ExtractionSizes
  var towerUnits: [Int]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    sizes = ExtractionKeys.sizes(section)
    towerUnits = section[ModelKeys.towerHiddenUnits]
    style = section.style
  }

  package func check(_ scope: ModelScope) { ExtractionKeys.check(scope) }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let tasks = context.tasks.map(\.name)
    let x = try e.concatenated(features)
    let level = try e.extraction(
      tasks.map { _ in x }, shared: x, tasks: tasks, sizes, mixesShared: false, name: "", style)
    return try e.towers(level.tasks, units: towerUnits, context, style)
  }
}
