import GraphIR

/// Leaves out what no output and no effect needs. Declared parameters stay.
public struct EliminateDeadCode: Pass {
  public let name = "dead_code"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let live = graph.liveNodes()
    guard live.contains(false) else { return graph }
    let rewriter = GraphRewriter(of: graph)
    for id in graph.nodeIDs where live[id.index] { try rewriter.copy(id) }
    return try rewriter.finish()
  }
}
