import GraphIR

/// Reverse mode over a graph: cotangents of its values, as new nodes behind it.
struct ReverseMode {
  let graph: Graph
  let builder: GraphBuilder
  let rules: [String: Differentiate.Rule]
  /// By value: whether it depends on a trainable parameter. Only such values have cotangents.
  private let varies: [Bool]
  private let reads: [ParameterID: ValueID]

  init(_ graph: Graph, _ builder: GraphBuilder, rules: [String: Differentiate.Rule]) {
    self.graph = graph
    self.builder = builder
    self.rules = rules
    reads = graph.parameterReads
    varies = graph.descendants(
      of: graph.parameters.filter(\.isTrainable).compactMap { [reads] in reads[$0.id] })
  }

  /// The gradients of seed·root by the trainable parameters; none for a parameter that the root
  /// does not depend on.
  /// - Parameters:
  ///   - root: f32[].
  ///   - seed: f32[], what its cotangent is.
  func gradients(of root: ValueID, seed: ValueID) throws -> [ParameterID: ValueID] {
    var cotangents: [ValueID?] = Array(repeating: nil, count: graph.values.count)
    cotangents[root.index] = seed
    try builder.sweep(back: graph.nodes, &cotangents, varies: varies) { node, arriving, needed in
      if let rule = rules[node.op.mnemonic] { return try rule(builder, node, arriving, needed) }
      return try node.op.gradient(
        builder, operands: node.operands, results: node.results, cotangents: arriving,
        needed: needed)
    }
    var gradients: [ParameterID: ValueID] = [:]
    for parameter in graph.parameters where parameter.isTrainable {
      gradients[parameter.id] = reads[parameter.id].flatMap { cotangents[$0.index] }
    }
    return gradients
  }
}

extension Graph {
  /// The value of an output that can be differentiated.
  /// - Throws: `DifferentiationError`.
  func differentiableOutput(_ name: String) throws -> ValueID {
    guard let root = output(named: name) else {
      throw DifferentiationError(message: "the graph has no output \"\(name)\"")
    }
    guard type(of: root) == .f32() else {
      throw DifferentiationError(
        message: "the output \"\(name)\" has type \(type(of: root)), expected f32[]")
    }
    return root
  }

  /// The graph without what it does to parameters.
  func withoutEffects() throws -> Graph {
    guard nodes.contains(where: \.op.hasEffect) else { return self }
    let rewriter = GraphRewriter(of: self)
    for id in nodeIDs where !self[id].op.hasEffect { try rewriter.copy(id) }
    return try rewriter.finish()
  }
}

/// A graph that cannot be differentiated as asked.
public struct DifferentiationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}
