import GraphIR

/// Progressive Layered Extraction: levels of customised gate control.
///
/// H. Tang, J. Liu, M. Zhao, X. Gong, "Progressive Layered Extraction (PLE): A Novel Multi-Task
/// Learning (MTL) Model for Personalized Recommendations", RecSys 2020, eq. 1 to 7. Level j reads
/// what level j−1 mixed: task k's experts g^{k,j−1}(x), the shared experts g^{s,j−1}(x), and
///
///     g^{k,j}(x) = w^{k,j}(g^{k,j−1}(x)) S^{k,j}(x),    w = softmax(W_g^{k,j} ·)
///     y^k(x)     = t^k(g^{k,N}(x))
///
/// where S^{k,j} selects task k's experts and the shared ones, and S^{s,j}, on all levels but the
/// last, all of them.
public struct PLE: ModelDefinition {
  public static let type = "ple"

  public static let numLevels = SpecKey.integer(
    "num_levels", default: 2, in: 1...SpecLimits.layers, "How many levels of experts.")

  package static let section = SpecSection(
    "model of type \"ple\"",
    "Progressive Layered Extraction (Tang et al., RecSys 2020): levels of experts, some for one"
      + " task only.",
    keys: [numLevels] + ExtractionKeys.keys)

  var levels: Int
  var sizes: ExtractionSizes
  var towerUnits: [Int]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    levels = section[Self.numLevels]
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
    var inputs = tasks.map { _ in x }
    var shared = x
    for level in 0..<levels {
      let mixed = try e.extraction(
        inputs, shared: shared, tasks: tasks, sizes, mixesShared: level + 1 < levels,
        name: "levels.\(level).", style)
      inputs = mixed.tasks
      shared = mixed.shared ?? shared
    }
    return try e.towers(inputs, units: towerUnits, context, style)
  }
}
