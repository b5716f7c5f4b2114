import GraphIR
import TensorTypes

/// Multiplies kernels by the adapters of members where rows would be: with W_m = r_m ⊙ W ⊙ s_m,
///
///     (x ⊙ r_m)·W ⊙ s_m = x·W_m.
///
/// A batch has more rows than a kernel, so that fewer numbers are multiplied. Layers that read the same row
/// for each member become a product of the rows of the batch and the kernels of all members and layers side
/// by side; others become a grouped product.
public struct FoldAdapters: Pass {
  public let name = "fold_adapters"
  /// The rows of a batch; nil for more than any kernel has.
  var batchRows: Int?

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let finder = MemberLayerFinder(graph)
    var layers: [NodeID: MemberLayer] = [:]
    for id in graph.nodeIDs {
      if let layer = finder.layer(at: id), isWorthwhile(layer) { layers[id] = layer }
    }
    // Kernels that have no adapters are as they shall be; they follow the layers before them.
    guard layers.values.contains(where: { $0.adapters != nil }) else { return graph }
    let levels = AnchorLevels(graph) { layers[$0] != nil }
    let clusters = Self.clusters(levels.order.compactMap { layers[$0] }, levels)
    var clusterOf: [NodeID: Int] = [:]
    var absorbed: Set<NodeID> = []
    for (index, cluster) in clusters.enumerated() {
      for layer in cluster {
        clusterOf[layer.product] = index
        absorbed.insert(layer.product)
        absorbed.formUnion(layer.followers)
      }
    }
    let rewriter = GraphRewriter(of: graph)
    var isDone = Array(repeating: false, count: clusters.count)
    for id in levels.order {
      if let cluster = clusterOf[id], !isDone[cluster] {
        isDone[cluster] = true
        try MemberKernels(rewriter).emit(clusters[cluster])
      }
      if !absorbed.contains(id) { try rewriter.copy(id) }
    }
    return try EliminateDeadCode().run(Simplify().run(rewriter.finish()))
  }

  /// Whether kernels are fewer numbers than rows. Forward and backward, rows are read or written about four
  /// times where they go in and six times where they come out, kernels eight times.
  private func isWorthwhile(_ layer: MemberLayer) -> Bool {
    guard let batchRows, layer.adapters != nil else { return true }
    return batchRows * (2 * layer.inputs + 3 * layer.units) >= 4 * layer.inputs * layer.units
  }

  /// Layers of one level and shape: those of one input, or one of each input.
  private static func clusters(_ layers: [MemberLayer], _ levels: AnchorLevels) -> [[MemberLayer]] {
    struct Key: Hashable {
      var level: Int
      var sizes: [Int]
      var activation: EpilogueActivation?
      var parts: [Bool]
      var input: MemberLayer.Input?
    }
    func key(_ layer: MemberLayer) -> Key {
      Key(
        level: levels.level[layer.product.index],
        sizes: [layer.members, layer.inputs, layer.units], activation: layer.activation,
        parts: [layer.adapters != nil, layer.bias != nil], input: layer.input)
    }
    let sameInput = grouped(layers, by: key)
    return grouped(sameInput) { cluster -> Key in
      var key = key(cluster[0])
      // The inputs are put side by side, which wide products would not repay.
      if case .own = cluster[0].input, cluster.count == 1, cluster[0].inputs <= 256 {
        key.input = nil
      }
      return key
    }.map { $0.flatMap { $0 } }
  }

  /// In the order of the first of each group.
  private static func grouped<Element, Key: Hashable>(
    _ elements: [Element], by key: (Element) -> Key
  ) -> [[Element]] {
    var positions: [Key: Int] = [:]
    var groups: [[Element]] = []
    for element in elements {
      let key = key(element)
      if let position = positions[key] {
        groups[position].append(element)
      } else {
        positions[key] = groups.count
        groups.append([element])
      }
    }
    return groups
  }
}

extension Pipeline {
  /// The pipeline for batches of so many rows.
  func forBatches(of rows: Int) -> Pipeline {
    Pipeline(
      steps.map { step in
        guard var pass = step.pass as? FoldAdapters else { return step.pass }
        pass.batchRows = rows
        return pass
      })
  }
}
