import GraphIR

/// Deep Bayesian Multi-Target Learning.
///
/// Q. Wang, Z. Ji, H. Liu, B. Zhao, "Deep Bayesian Multi-Target Learning for Recommender Systems",
/// arXiv:1902.09154, 2019. The joint probability of the targets is factored along a graph without
/// circles, P(y_1 … y_K | x) = Π_k P(y_k | the parents of k, x), and each factor reads the hidden
/// outputs of the parents beside the task's own. With the bottom b that all tasks share, the tower
/// t^k and the relation network r^k of task k,
///
///     u_k = t^k(b(x))
///     h_k = r^k([u_k, h_p for each parent p of k])
///     y_k = w_k · h_k
///
/// With experts f_i and gates g^k as in MMoE, each tower reads Σ_i g^k(b(x))_i f_i(b(x)) instead of
/// b(x).
public struct DBMTL: ModelDefinition {
  public static let type = "dbmtl"

  public static let bottomHiddenUnits = SpecKey.units(
    "bottom_hidden_units", default: [64], "The layers that all tasks share; [] for none.")
  public static let numExperts = SpecKey.integer(
    "num_experts", default: 0, in: 0...4096,
    "How many experts read the bottom, mixed by a gate per task; 0 for none.")
  public static let relationHiddenUnits = SpecKey.units(
    "relation_hidden_units", default: [32],
    "The layers over a task's own hidden output and those of its parents.")
  public static let parents = SpecKey.taskLists(
    "parents",
    "For each task that depends on others the tasks whose hidden outputs it also reads, such as"
      + " { purchase: [\"click\"] }.")

  package static let section = SpecSection(
    "model of type \"dbmtl\"",
    "Deep Bayesian Multi-Target Learning (Wang et al., 2019): tasks that also read the hidden"
      + " outputs of the tasks that they depend on.",
    keys: [
      bottomHiddenUnits, numExperts, MMoE.expertHiddenUnits, MMoE.gateHiddenUnits,
      ModelKeys.towerHiddenUnits, relationHiddenUnits, parents,
    ] + ModelKeys.style)

  var bottomUnits: [Int]
  var expertCount: Int
  var experts: Experts
  var towerUnits: [Int]
  var relationUnits: [Int]
  var parents: [String: [String]]
  var style: LayerStyle

  package init(_ section: SectionReader) {
    bottomUnits = section[Self.bottomHiddenUnits]
    expertCount = section[Self.numExperts]
    experts = Experts(section)
    towerUnits = section[ModelKeys.towerHiddenUnits]
    relationUnits = section[Self.relationHiddenUnits]
    parents = section[Self.parents]
    style = section.style
    if relationUnits.isEmpty {
      section.report("a task needs a layer to pass on", Self.relationHiddenUnits)
    }
  }

  package func check(_ scope: ModelScope) {
    scope.checkTaskNames(Self.parents)
    if order(scope.tasks.map(\.name)) == nil {
      scope.report("a task depends on itself by way of its parents", Self.parents)
    }
  }

  /// The tasks' places, each after those of its parents; nil where they depend on each other in a
  /// circle. Names that are no tasks count for nothing.
  private func order(_ tasks: [String]) -> [Int]? {
    var order: [Int] = []
    while order.count < tasks.count {
      let next = tasks.indices.first { task in
        !order.contains(task)
          && (parents[tasks[task]] ?? []).allSatisfy { parent in
            tasks.firstIndex(of: parent).map(order.contains) ?? true
          }
      }
      guard let next else { return nil }
      order.append(next)
    }
    return order
  }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let names = context.tasks.map(\.name)
    guard let order = order(names) else { throw ModelError("the parents form a circle") }
    let bottom = try e.mlp(
      e.concatenated(features), units: bottomUnits, name: "bottom", style)
    let stack =
      expertCount > 0
      ? try e.stack(e.experts(bottom, expertCount, experts, name: "experts", style)) : nil
    var hidden: [String: E.Tensor] = [:]
    for name in order.map({ names[$0] }) {
      let input =
        try stack.map { stack in
          let weights = try e.gate(
            bottom, over: expertCount, hidden: experts.gateUnits, name: "gates.\(name)", style)
          return try e.mixture(stack, weights: weights)
        } ?? bottom
      let own = try e.mlp(input, units: towerUnits, name: "towers.\(name)", style)
      let inherited = (parents[name] ?? []).compactMap { hidden[$0] }
      hidden[name] = try e.mlp(
        inherited.isEmpty ? own : e.concat([own] + inherited, axis: 1), units: relationUnits,
        name: "relations.\(name)", style)
    }
    return ModelHeads(
      try context.tasks.enumerated().map { place, task in
        guard let h = hidden[task.name] else {
          throw ModelError("the task \(task.name) has no hidden output")
        }
        return try e.output(h, of: place, context)
      })
  }
}
