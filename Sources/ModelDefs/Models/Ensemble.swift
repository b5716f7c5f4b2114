import Schema

/// Members of a model that share most of its weights.
///
/// Y. Gorishniy, A. Kotelnikov, A. Babenko, "TabM: Advancing Tabular Deep Learning with
/// Parameter-Efficient Ensembling", ICLR 2025; after BatchEnsemble (Y. Wen, D. Tran, J. Ba, ICLR 2020).
package struct Ensemble: Sendable, Hashable {
  package var members: Int

  /// The ensemble of a section; nil when it could not be made out (and was reported).
  static func read(_ node: SpecNode) -> Ensemble? {
    EnsembleKeys.variants.read(node).map { Ensemble(members: $0.section[EnsembleKeys.members]) }
  }

  /// Reports what cannot have members.
  func check(_ scope: ModelScope, learnsFromEpisodes: Bool, _ node: SpecNode) {
    if learnsFromEpisodes {
      return node.report("does not go with a model that learns from episodes")
    }
    let section = scope.section
    // Their statistics would be those of all members together.
    if section.takes(ModelKeys.batchNorm), section[ModelKeys.batchNorm] {
      section.report("does not go with \"ensemble\"; \"layer_norm\" does", ModelKeys.batchNorm)
    }
    if section.takes(ModelKeys.activation), section[ModelKeys.activation] == .dice {
      section.report("\"dice\" does not go with \"ensemble\"", ModelKeys.activation)
    }
    if let feature = scope.features.first(where: { $0.input == .oneHot }) {
      node.report(
        "members read embeddings; give feature \(quoted(feature.name)) an \"embedding_dim\" in place of"
          + " the encoding \"one_hot\"")
    }
    if let task = scope.tasks.first(where: \.loss.comparesRows) {
      node.report(
        "does not go with the loss \(quoted(task.loss.rawValue)) of task \(quoted(task.name)), which compares"
          + " rows")
    }
  }
}
