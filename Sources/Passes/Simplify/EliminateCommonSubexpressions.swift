import GraphIR

/// Computes once what is computed twice: nodes with the same op and the same operands.
public struct EliminateCommonSubexpressions: Pass {
  public let name = "cse"

  public init() {}

  private struct Key: Hashable {
    var op: Op
    var operands: [ValueID]
  }

  public func run(_ graph: Graph) throws -> Graph {
    // Made when the first node is found that is computed twice.
    var rewriter: GraphRewriter?
    var known: [Key: [ValueID]] = [:]
    known.reserveCapacity(graph.nodes.count)
    for id in graph.nodeIDs {
      let node = graph[id]
      guard !node.op.hasEffect else {
        try rewriter?.copy(id)
        continue
      }
      var key = Key(op: node.op, operands: try rewriter?.values(node.operands) ?? node.operands)
      if node.op.isCommutative { key.operands.sort() }
      if let results = known[key] {
        rewriter = rewriter ?? GraphRewriter(of: graph, first: id.index)
        rewriter?.replace(id, with: results)
      } else {
        known[key] = try rewriter?.copy(id) ?? node.results
      }
    }
    return try rewriter?.finish() ?? graph
  }
}

extension Op {
  /// Whether the order of the two operands does not matter.
  fileprivate var isCommutative: Bool {
    switch self {
    case .elementwise(.binary(.add)), .elementwise(.binary(.mul)): true
    case .elementwise(.compare(.equal)), .elementwise(.compare(.notEqual)): true
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      false
    }
  }
}
