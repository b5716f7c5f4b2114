import GraphIR
import TensorTypes

/// Makes one wide product of the dense layers that share an input, experts and gates together, and
/// one grouped product of layers of the same shape on different inputs (towers; the next level of
/// experts). Parameters keep their names: the wide weight is a concatenation of them.
///
/// Columns that an activation applies to lie side by side, those without one last.
public struct FuseExperts: Pass {
  public let name = "fuse_experts"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let levels = AnchorLevels(products: graph)
    let finder = DenseLayerFinder(graph)
    var clusters: [[Bundle]] = []
    var clusterOf: [NodeID: Int] = [:]
    var absorbed: Set<NodeID> = []
    for bundles in Bundle.byLevel(levels, finder) {
      let groups = Bundle.clusters(bundles).flatMap {
        Self.isWorthGrouping($0, graph) ? [$0] : $0.map { [$0] }
      }
      for cluster in groups where cluster.count > 1 || cluster[0].layers.count > 1 {
        for layer in cluster.flatMap(\.layers) {
          clusterOf[layer.product] = clusters.count
          absorbed.insert(layer.product)
          absorbed.formUnion(layer.followers)
        }
        clusters.append(cluster)
      }
    }
    guard !clusters.isEmpty else { return graph }
    let rewriter = GraphRewriter(of: graph)
    var isDone = Array(repeating: false, count: clusters.count)
    for id in levels.order {
      if let cluster = clusterOf[id], !isDone[cluster] {
        isDone[cluster] = true
        try FusedLayers(rewriter).emit(clusters[cluster])
      }
      if !absorbed.contains(id) { try rewriter.copy(id) }
    }
    return try rewriter.finish()
  }
}

extension FuseExperts {
  /// The inputs of grouped products are columns of one matrix. Where they are not yet, they must be
  /// put there, which wide products would not repay.
  private static func isWorthGrouping(_ cluster: [Bundle], _ graph: Graph) -> Bool {
    let origins = cluster.map { bundle in
      graph.origin(of: Columns(root: bundle.x, range: 0..<bundle.layers[0].inputs))
    }
    if Set(origins.map(\.root)).count == 1 { return true }
    return cluster[0].layers[0].inputs <= 256
      && !origins.contains { if case .source = graph.op(of: $0.root) { true } else { false } }
  }
}

/// Dense layers of one input, ordered by activation, none last.
struct Bundle {
  var layers: [DenseLayer]

  var x: ValueID { layers[0].x }
  var units: Int { layers.reduce(0) { $0 + $1.units } }

  /// Layers side by side with the same activation.
  var runs: [Bundle] {
    var runs: [Bundle] = []
    for layer in layers {
      if let last = runs.last, last.layers[0].activation == layer.activation {
        runs[runs.count - 1].layers.append(layer)
      } else {
        runs.append(Bundle(layers: [layer]))
      }
    }
    return runs
  }

  private init(layers: [DenseLayer]) { self.layers = layers }

  /// Orders layers of one input.
  init(sorting layers: [DenseLayer]) {
    var ranks: [EpilogueActivation?: Int] = [nil: Int.max]
    for layer in layers where ranks[layer.activation] == nil {
      ranks[layer.activation] = ranks.count
    }
    let ranked = layers.enumerated().sorted {
      (ranks[$0.element.activation] ?? 0, $0.offset) < (
        ranks[$1.element.activation] ?? 0, $1.offset
      )
    }
    self.layers = ranked.map(\.element)
  }

  /// All dense layers of the graph, those of one level and input together.
  static func byLevel(_ levels: AnchorLevels, _ finder: DenseLayerFinder) -> [[Bundle]] {
    var result: [[Bundle]] = []
    var layers: [[DenseLayer]] = []
    var positions: [ValueID: Int] = [:]
    var current = -1
    func close() {
      if !layers.isEmpty { result.append(layers.map { Bundle(sorting: $0) }) }
      layers = []
      positions = [:]
    }
    for id in levels.order {
      guard let layer = finder.layer(at: id) else { continue }
      if levels.level[id.index] != current {
        close()
        current = levels.level[id.index]
      }
      if let position = positions[layer.x] {
        layers[position].append(layer)
      } else {
        positions[layer.x] = layers.count
        layers.append([layer])
      }
    }
    close()
    return result
  }

  private struct Signature: Hashable {
    var inputs: Int
    var layers: [Layer]

    struct Layer: Hashable {
      var units: Int
      var activation: EpilogueActivation?
      var hasBias: Bool
    }
  }

  private var signature: Signature {
    Signature(
      inputs: layers[0].inputs,
      layers: layers.map {
        .init(units: $0.units, activation: $0.activation, hasBias: $0.bias != nil)
      })
  }

  /// Bundles of the same shape together, in the order of the first.
  static func clusters(_ bundles: [Bundle]) -> [[Bundle]] {
    var positions: [Signature: Int] = [:]
    var clusters: [[Bundle]] = []
    for bundle in bundles {
      let signature = bundle.signature
      if let position = positions[signature] {
        clusters[position].append(bundle)
      } else {
        positions[signature] = clusters.count
        clusters.append([bundle])
      }
    }
    return clusters
  }
}
