import GraphIR
import Schema

/// Entire Space Multi-Task Model.
///
/// X. Ma, L. Zhao, G. Huang, Z. Wang, Z. Hu, X. Zhu, K. Gai, "Entire Space Multi-Task Model: An
/// Effective Approach for Estimating Post-Click Conversion Rate", SIGIR 2018, eq. 1 to 3. Two
/// towers over shared embeddings give pCTR = P(y=1|x) and pCVR = P(z=1|y=1, x); the losses are
/// those of
///
///     pCTR    on click y, and
///     pCTCVR = pCTR · pCVR    on conversion z, over all impressions,
///
/// never of pCVR on the clicked rows alone.
public struct ESMM: FunnelModel {
  public static let type = "esmm"

  public static let userFeatures = SpecKey.strings(
    "user_features", "Features whose embeddings are added up to one vector.")
  public static let itemFeatures = SpecKey.strings(
    "item_features", "Features whose embeddings are added up to another vector.")

  package static let section = SpecSection(
    "model of type \"esmm\"",
    "Entire Space Multi-Task Model (Ma et al., SIGIR 2018): click and conversion after it, learned"
      + " from all impressions.",
    keys: [userFeatures, itemFeatures, ModelKeys.towerHiddenUnits] + Funnel.keys + ModelKeys.style)

  var groups: [[String]]
  var towerUnits: [Int]
  package var funnel: Funnel
  var style: LayerStyle

  package init(_ section: SectionReader) {
    groups = [section[Self.userFeatures], section[Self.itemFeatures]].filter { !$0.isEmpty }
    towerUnits = section[ModelKeys.towerHiddenUnits]
    funnel = Funnel(section)
    style = section.style
  }

  package func check(_ scope: ModelScope) {
    funnel.check(scope)
    if scope.tasks.count > 2 {
      scope.report("esmm has two steps; funnel_v2 takes any number")
    }
    for key in [Self.userFeatures, Self.itemFeatures] {
      checkGroup(scope.section[key], key, scope)
    }
    let names = groups.flatMap { $0 }
    if Set(names).count < names.count {
      scope.report("names a feature that is named before", Self.itemFeatures)
    }
  }

  /// Only embeddings of one width can be added up.
  private func checkGroup(_ names: [String], _ key: any AnySpecKey, _ scope: ModelScope) {
    var widths: Set<Int> = []
    for name in names {
      guard let feature = scope.features.first(where: { $0.name == name }) else {
        let all = scope.features.map(\.name)
        let hint = NearestName.nearest(name, in: all).map { "; did you mean \(quoted($0))?" }
        scope.report("no feature is named \(quoted(name))\(hint ?? "")", key)
        continue
      }
      switch feature.input {
      case .embedding(let dim, _), .sequence(let dim, _, _): widths.insert(dim)
      case .numeric, .piecewiseLinear, .periodic, .oneHot:
        scope.report("\(quoted(name)) has no embedding to add up", key)
      }
    }
    if widths.count > 1 {
      let list = widths.sorted().map(String.init).joined(separator: ", ")
      scope.report("the embeddings to add up differ in width: \(list)", key)
    }
  }

  package var readsFeaturesApart: Bool { !groups.isEmpty }

  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let style = style.with(l2: context.l2)
    let x = try e.concatenated(grouped(features, on: e))
    let steps = funnel.conditional(context)
    let logits = try funnel.order(context.tasks).map { task in
      try e.tower(x, units: towerUnits, of: task, steps, style)
    }
    return try funnel.heads(conditional: logits, context.tasks, on: e)
  }

  /// The features with each group's parts added up in place of its first.
  private func grouped<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, on e: E
  ) throws -> EncodedFeatures<E.Tensor> {
    var result = features
    for group in groups {
      let members = result.parts.filter { group.contains($0.name) }
      guard let first = members.first else { continue }
      let total = try members.dropFirst().reduce(first.tensor) { try e.add($0, $1.tensor) }
      result.parts = result.parts.compactMap { part in
        part.name == first.name ? (part.name, total) : group.contains(part.name) ? nil : part
      }
    }
    return result
  }
}
