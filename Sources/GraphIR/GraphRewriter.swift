import TensorTypes

/// Copies a graph through a builder, node by node, with a choice at every node: copy it, or let
/// other values stand for its results. Parameters (all of them, in order) and outputs are carried
/// over. Linear time.
///
///     let rewriter = GraphRewriter(of: graph)
///     for id in graph.nodeIDs {
///       if let x = doubleNegation(graph[id]) {
///         rewriter.replace(id, with: [try rewriter.value(x)])
///       } else {
///         try rewriter.copy(id)
///       }
///     }
///     return try rewriter.finish()
public final class GraphRewriter {
  /// The graph that is copied.
  public let source: Graph
  /// Where new ops go; its values are values of the new graph.
  public let builder: GraphBuilder
  private var mapping: [ValueID?]

  /// - Parameter count: So many nodes of the graph are copied as they are.
  public init(of graph: Graph, first count: Int = 0, isTraining: Bool = true) {
    source = graph
    builder = GraphBuilder(copying: graph, first: count, isTraining: isTraining)
    mapping = Array(repeating: nil, count: graph.values.count)
    for value in builder.graph.values.indices { mapping[value] = ValueID(value) }
  }

  /// The new value that stands for a value of the source graph.
  /// - Throws: `RewriteError` when its node was neither copied nor replaced so far.
  public func value(_ old: ValueID) throws -> ValueID {
    guard let new = mapping[old.index] else {
      throw RewriteError(graph: source.name, value: old)
    }
    return new
  }

  public func values(_ old: [ValueID]) throws -> [ValueID] {
    old.allSatisfy { mapping[$0.index] == $0 } ? old : try old.map(value)
  }

  /// Whether a new value stands for a value of the source graph already.
  public func hasValue(_ old: ValueID) -> Bool { mapping[old.index] != nil }

  /// Copies a node, its operands mapped.
  @discardableResult
  public func copy(_ id: NodeID) throws -> [ValueID] {
    let node = source[id]
    let operands = try values(node.operands)
    let isSame = zip(node.operands, operands).allSatisfy {
      source.type(of: $0) == builder.type(of: $1)
    }
    let results =
      isSame ? builder.copy(node, of: source, operands) : try builder.emit(node.op, operands)
    replace(id, with: results)
    return results
  }

  /// Lets new values stand for the results of a node.
  public func replace(_ id: NodeID, with new: [ValueID]) {
    let results = source[id].results
    precondition(results.count == new.count, "a node is replaced by as many values as it has")
    for (old, new) in zip(results, new) { mapping[old.index] = new }
  }

  /// Lets a new value stand for one value of the source graph.
  public func replace(_ old: ValueID, with new: ValueID) { mapping[old.index] = new }

  /// The new graph, with the outputs of the source graph.
  /// - Throws: `RewriteError` when an output's node was neither copied nor replaced.
  public func finish() throws -> Graph {
    for output in source.outputs { try builder.output(output.name, value(output.value)) }
    return builder.graph
  }
}

extension Graph {
  /// The graph with some nodes replaced. `replacement` answers the new values for the node's
  /// results, emitted through the rewriter's builder, or nil to copy the node.
  public func rewritten(
    isTraining: Bool = true,
    _ replacement: (GraphRewriter, NodeID, Node) throws -> [ValueID]?
  ) throws -> Graph {
    let rewriter = GraphRewriter(of: self, isTraining: isTraining)
    for id in nodeIDs {
      if let new = try replacement(rewriter, id, self[id]) {
        rewriter.replace(id, with: new)
      } else {
        try rewriter.copy(id)
      }
    }
    return try rewriter.finish()
  }
}

/// A rewrite reads a value whose node it left out.
public struct RewriteError: Error, Sendable, Hashable, CustomStringConvertible {
  public var graph: String
  public var value: ValueID
  public var description: String {
    "rewriting @\(graph): \(value) is read, and its node was neither copied nor replaced"
  }
}
