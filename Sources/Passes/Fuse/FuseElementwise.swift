import GraphIR
import TensorTypes

/// Computes elementwise ops of one shape in one loop, sums over what they compute included: losses,
/// dropout, the tails of gradients.
public struct FuseElementwise: Pass {
  public let name = "fuse_elementwise"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    // Between elementwise ops of one level lie elementwise ops alone, and they lead from small
    // shapes to large ones: all of one shape can be computed at once.
    let isChainable = graph.nodes.indices.map { Self.isChainable(graph, NodeID($0)) }
    let levels = AnchorLevels(graph) { !isChainable[$0.index] }
    let uses = GraphUses(graph)
    var pending = Self.latest(graph, isChainable, levels, uses)
    let rewriter = GraphRewriter(of: graph)
    var level = 0
    for id in levels.order where !isChainable[id.index] {
      while level < levels.level[id.index] {
        try emit(pending[level], rewriter, uses)
        pending[level] = []
        level += 1
      }
      if !rewriter.hasValues(of: id) { try rewriter.copy(id) }
    }
    for rest in pending { try emit(rest, rewriter, uses) }
    return try EliminateDeadCode().run(rewriter.finish())
  }

  /// The chainable nodes by the last level at which they can be computed: right before the first
  /// node that needs them, together with what it is computed from.
  private static func latest(
    _ graph: Graph, _ isChainable: [Bool], _ levels: AnchorLevels, _ uses: GraphUses
  ) -> [[NodeID]] {
    var latest = levels.level
    var result: [[NodeID]] = Array(
      repeating: [], count: (levels.level.max() ?? 0) + 1)
    for id in graph.nodeIDs.reversed() where isChainable[id.index] {
      latest[id.index] =
        uses.nodes(of: graph[id].results[0]).map { user in
          isChainable[user.index] ? latest[user.index] : levels.level[user.index] - 1
        }.min() ?? latest[id.index]
      result[latest[id.index]].append(id)
    }
    return result.map { $0.reversed() }
  }

  /// Whether a node can be a step of a chain.
  private static func isChainable(_ graph: Graph, _ id: NodeID) -> Bool {
    let node = graph[id]
    guard case .elementwise(let op) = node.op, op != .stopGradient,
      graph.shape(of: node.results[0]).rank <= 4
    else { return false }
    // The constants of a chain are numbers.
    return node.operands.allSatisfy {
      graph.constant($0) == nil || graph.type(of: $0).dtype == .f32
    }
  }

  /// Emits chainable nodes of one level, shape by shape.
  private func emit(
    _ nodes: [NodeID], _ rewriter: GraphRewriter, _ uses: GraphUses
  ) throws {
    let graph = rewriter.source
    var shapes: [Shape] = []
    var byShape: [Shape: [NodeID]] = [:]
    for id in nodes {
      let shape = graph.shape(of: graph[id].results[0])
      if byShape[shape] == nil { shapes.append(shape) }
      byShape[shape, default: []].append(id)
    }
    func size(_ shape: Shape) -> (Int, Int, Int) {
      (shape.fixedCount, shape.hasBatch ? 1 : 0, shape.rank)
    }
    for shape in shapes.sorted(by: { size($0) < size($1) }) {
      guard let members = byShape[shape] else { continue }
      try emit(
        members[...], ChainBuilder(graph: graph, shape: shape, uses: uses), rewriter)
    }
  }

  /// One chain, or as many as the limits of the kernel ask for.
  private func emit(
    _ nodes: ArraySlice<NodeID>, _ chains: ChainBuilder, _ rewriter: GraphRewriter
  ) throws {
    let draft = chains.draft(nodes)
    if nodes.count == 1, draft?.isSingleOp ?? true {
      for node in nodes { try rewriter.copy(node) }
      return
    }
    guard let draft else {
      let middle = nodes.startIndex + nodes.count / 2
      try emit(nodes[..<middle], chains, rewriter)
      return try emit(nodes[middle...], chains, rewriter)
    }
    let results = try rewriter.builder.emit(
      .fused(.chain(draft.chain)), rewriter.values(draft.operands))
    for (old, new) in zip(draft.results, results) { rewriter.replace(old, with: new) }
  }
}

extension GraphRewriter {
  /// Whether all results of a node have values already.
  func hasValues(of id: NodeID) -> Bool {
    let results = source[id].results
    return !results.isEmpty && results.allSatisfy(hasValue)
  }
}
