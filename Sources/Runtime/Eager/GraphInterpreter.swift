import GraphIR

/// Runs a graph on the eager engine node by node: any graph, with or without gradients and updates,
/// before or after the passes.
public struct GraphInterpreter: Sendable {
  public let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  /// Runs all nodes within the engine's present step and hands out the graph's outputs there.
  /// Updates take effect when the step is finished.
  /// - Returns: the value of every `ValueID`, by its index.
  /// - Throws: `TypeError` for a graph that the verifier would refuse; `EagerError`.
  @discardableResult
  public func run<Scalar>(on engine: EagerEngine<Scalar>) throws -> [EagerTensor<Scalar>] {
    for parameter in graph.parameters { try engine.declare(parameter) }
    var values = [EagerTensor<Scalar>?](repeating: nil, count: graph.values.count)
    func value(_ id: ValueID, _ reader: String) throws -> EagerTensor<Scalar> {
      guard values.indices.contains(id.index), let tensor = values[id.index] else {
        throw TypeError(op: reader, "\(id) is read before it is computed")
      }
      return tensor
    }
    for node in graph.nodes {
      let operands = try node.operands.map { try value($0, node.op.mnemonic) }
      let results = try engine.emit(node.op, operands)
      guard results.count == node.results.count else {
        throw TypeError(
          op: node.op.mnemonic,
          "has \(results.count) results where the graph names \(node.results.count)")
      }
      for (id, tensor) in zip(node.results, results) {
        guard values.indices.contains(id.index) else {
          throw TypeError(op: node.op.mnemonic, "\(id) is not a value of the graph")
        }
        values[id.index] = tensor
      }
    }
    for output in graph.outputs {
      try engine.output(output.name, value(output.value, "output"))
    }
    return try values.indices.map { try value(ValueID($0), "graph") }
  }
}
