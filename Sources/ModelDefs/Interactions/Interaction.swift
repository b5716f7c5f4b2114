import GraphIR

/// What crosses the features before the first layers of a model.
package enum Interaction: Sendable, Hashable {
  /// All features side by side, through a deep and cross network.
  /// - Parameter rank: Of each layer's matrix; nil for a full one.
  case crossNetwork(layers: Int, rank: Int?)
  /// The sum of the inner products of all pairs of embeddings, beside the features.
  case factorizationMachine
  /// The sum of the products, element by element, of all pairs of embeddings, beside the features.
  case biInteraction

  /// What the names of its parameters begin with, and the name of what it adds.
  static let name = "interaction"

  /// The kernel f32[n, rank] of a cross layer of low rank.
  package static func projection(layer: Int) -> String { "\(name).\(layer).projection.kernel" }

  /// The features as the model reads them.
  /// - Parameter l2: λ of the penalty on kernels.
  func apply<E: Emitter>(
    to features: EncodedFeatures<E.Tensor>, l2: Double, on e: E
  ) throws -> EncodedFeatures<E.Tensor> {
    switch self {
    case .crossNetwork(let layers, let rank):
      let crossed = try e.crossNetwork(
        e.concatenated(features), layers: layers, rank: rank, name: Self.name, l2: l2)
      return EncodedFeatures(parts: [(Self.name, crossed)])
    case .factorizationMachine:
      let pairs = try e.pairProducts(features.embeddings)
      return features.adding(try e.sum(pairs, axes: [1], keepAxes: true), named: Self.name)
    case .biInteraction:
      return features.adding(try e.pairProducts(features.embeddings), named: Self.name)
    }
  }

  /// Reports features that it cannot cross.
  /// - Parameter isReadApart: Whether the model tells the features apart.
  func check(_ features: [FeatureSpec], isReadApart: Bool, _ node: SpecNode) {
    switch self {
    case .crossNetwork:
      if isReadApart {
        node.report("does not go with a model that adds up groups of features")
      }
    case .factorizationMachine, .biInteraction:
      let widths = features.compactMap { feature in
        feature.input.dim.map { (name: feature.name, dim: $0) }
      }
      guard let first = widths.first, widths.count > 1 else {
        return node.report("crosses embeddings of features, and needs two at least")
      }
      if let other = widths.first(where: { $0.dim != first.dim }) {
        node.report(
          "needs embeddings of one width; \(quoted(first.name)) has \(first.dim) and"
            + " \(quoted(other.name)) \(other.dim)")
      }
    }
  }
}
