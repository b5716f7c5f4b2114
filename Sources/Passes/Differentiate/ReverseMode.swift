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
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      let arriving = node.results.map { cotangents[$0.index] }
      let needed = node.operands.map { varies[$0.index] }
      guard needed.contains(true), arriving.contains(where: { $0 != nil }) else { continue }
      let leaving = try gradient(node, arriving, needed)
      for (operand, new) in zip(node.operands, leaving) {
        guard let new, varies[operand.index] else { continue }
        let sum = try cotangents[operand.index].map { try builder.add($0, new) }
        cotangents[operand.index] = sum ?? new
      }
    }
    var gradients: [ParameterID: ValueID] = [:]
    for parameter in graph.parameters where parameter.isTrainable {
      gradients[parameter.id] = reads[parameter.id].flatMap { cotangents[$0.index] }
    }
    return gradients
  }

  private func gradient(
    _ node: Graph.Node, _ cotangents: [ValueID?], _ needed: [Bool]
  ) throws -> [ValueID?] {
    if let rule = rules[node.op.mnemonic] { return try rule(builder, node, cotangents, needed) }
    return try node.op.gradient(
      builder, operands: node.operands, results: node.results, cotangents: cotangents,
      needed: needed)
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
    let rewriter = try GraphRewriter(of: self)
    for id in nodeIDs where !self[id].op.hasEffect { try rewriter.copy(id) }
    return try rewriter.finish()
  }
}

/// A graph that cannot be differentiated as asked.
public struct DifferentiationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}
