import TensorTypes

/// Builds a graph op by op; the emitter whose tensors are values of a graph.
public final class GraphBuilder: Emitter {
  public private(set) var graph: Graph
  public let isTraining: Bool
  private var streams: Int
  private var reads: [ParameterID: ValueID] = [:]
  private var feeds: [InputID: ValueID] = [:]

  public init(name: String, isTraining: Bool = true) {
    graph = Graph(name: name)
    self.isTraining = isTraining
    streams = 0
  }

  /// Goes on with a graph: its values keep their ids, new nodes are added at the end.
  public init(extending graph: Graph, isTraining: Bool = true) {
    self.graph = graph
    self.isTraining = isTraining
    streams = 0
    for node in graph.nodes {
      switch node.op {
      case .source(.random(let stream, _)): streams = Swift.max(streams, stream + 1)
      case .source(.parameter(let id, _)): reads[id] = node.results[0]
      case .source(.input(let id, _)): feeds[id] = node.results[0]
      default: break
      }
    }
  }

  public func type(of tensor: ValueID) -> TensorType { graph.type(of: tensor) }

  @discardableResult
  public func emit(_ op: Op, _ operands: [ValueID]) throws -> [ValueID] {
    switch op {
    case .source(.input(let id, let type)):
      if let value = feeds[id] {
        guard graph.type(of: value) == type else {
          throw TypeError(
            op: op.mnemonic, "\(id) is read as \(type) here and as \(graph.type(of: value)) before")
        }
        return [value]
      }
    case .source(.parameter(let id, let type)):
      guard let declared = graph.parameter(id) else {
        throw TypeError(op: op.mnemonic, "\(id) is not declared")
      }
      guard declared.type == type else {
        throw TypeError(op: op.mnemonic, "\(id) is read as \(type) and declared \(declared.type)")
      }
      if let value = reads[id] { return [value] }
    default: break
    }
    let types = try op.infer(operands.map { graph.type(of: $0) })
    let node = NodeID(graph.nodes.count)
    var results: [ValueID] = []
    for (position, type) in types.enumerated() {
      results.append(ValueID(graph.values.count))
      graph.values.append(Graph.Value(type: type, node: node, position: position))
    }
    graph.nodes.append(Graph.Node(op: op, operands: operands, results: results))
    switch op {
    case .source(.input(let id, _)): feeds[id] = results[0]
    case .source(.parameter(let id, _)): reads[id] = results[0]
    default: break
    }
    return results
  }

  /// Declares a parameter without reading it.
  public func declare(_ parameter: Parameter) throws {
    if let declared = graph.parameter(parameter.id) {
      guard declared.type == parameter.type else {
        throw TypeError(
          op: "parameter",
          "\(parameter.id) is declared as \(parameter.type) here and as \(declared.type) before")
      }
      return
    }
    graph.parameters.append(parameter)
  }

  public func parameter(_ parameter: Parameter) throws -> ValueID {
    try declare(parameter)
    return try emitOne(.source(.parameter(parameter.id, parameter.type)), [])
  }

  public func makeRandomStream() -> Int {
    defer { streams += 1 }
    return streams
  }

  public func output(_ name: String, _ tensor: ValueID) throws {
    guard graph.output(named: name) == nil else {
      throw TypeError(op: "output", "the name \(name) is taken")
    }
    graph.outputs.append(Graph.Output(name: name, value: tensor))
  }
}
