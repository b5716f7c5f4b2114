import TensorTypes

/// Builds a graph op by op; the emitter whose tensors are values of a graph. Every call takes time
/// that does not depend on the size of the graph.
public final class GraphBuilder: Emitter {
  public private(set) var graph: Graph
  public let isTraining: Bool
  private var streams: Int = 0
  private var declared: [ParameterID: TensorType] = [:]
  private var reads: [ParameterID: ValueID] = [:]
  private var feeds: [InputID: ValueID] = [:]
  private var changed: Set<ParameterID> = []
  private var outputNames: Set<String> = []

  public init(name: String, isTraining: Bool = true) {
    graph = Graph(name: name)
    self.isTraining = isTraining
  }

  /// Goes on with a graph: its values keep their ids, new nodes are added at the end.
  public init(extending graph: Graph, isTraining: Bool = true) {
    self.graph = graph
    self.isTraining = isTraining
    for parameter in graph.parameters { declared[parameter.id] = parameter.type }
    for node in graph.nodes { note(node) }
    for output in graph.outputs { outputNames.insert(output.name) }
  }

  /// Keeps `makeRandomStream` from handing out the streams that a graph uses.
  func reserveStreams(of graph: Graph) {
    for node in graph.nodes { reserveStream(of: node.op) }
  }

  private func reserveStream(of op: Op) {
    if case .source(.random(let stream, _)) = op, stream < Int.max {
      streams = Swift.max(streams, stream + 1)
    }
  }

  /// Enters what a node reads or changes into the look-up tables.
  private func note(_ node: Graph.Node) {
    if case .source(.parameter(let id, _)) = node.op { reads[id] = node.results.first }
    if case .source(.input(let id, _)) = node.op { feeds[id] = node.results.first }
    if case .effect(let effect) = node.op { changed.insert(effect.target) }
    reserveStream(of: node.op)
  }

  public func type(of tensor: ValueID) -> TensorType { graph.type(of: tensor) }

  /// Adds an op; reading a parameter or an input again gives the value of the first read.
  /// - Throws: `TypeError` when the operands do not fit, when the op reads or changes a parameter
  ///   that is not declared with its type, or changes one a second time.
  @discardableResult
  public func emit(_ op: Op, _ operands: [ValueID]) throws -> [ValueID] {
    if let known = try known(op) { return [known] }
    let types: [TensorType]
    do {
      types = try op.infer(operands.map { graph.type(of: $0) })
    } catch let error as TypeError {
      throw error.naming(operands)
    }
    let node = NodeID(graph.nodes.count)
    var results: [ValueID] = []
    for (position, type) in types.enumerated() {
      results.append(ValueID(graph.values.count))
      graph.values.append(Graph.Value(type: type, node: node, position: position))
    }
    graph.nodes.append(Graph.Node(op: op, operands: operands, results: results))
    note(graph.nodes[node.index])
    return results
  }

  /// Checks what an op says about parameters and inputs; answers the value of an earlier read.
  private func known(_ op: Op) throws -> ValueID? {
    switch op {
    case .source(.input(let id, let type)):
      guard let value = feeds[id] else { return nil }
      guard graph.type(of: value) == type else {
        throw TypeError(
          op: op.mnemonic, "\(id) is read as \(type) here and as \(graph.type(of: value)) before")
      }
      return value
    case .source(.parameter(let id, let type)):
      try checkDeclared(op, id, type)
      return reads[id]
    case .effect(let effect):
      try checkDeclared(op, effect.target, effect.type)
      guard !changed.contains(effect.target) else {
        throw TypeError(op: op.mnemonic, "\(effect.target) is changed a second time")
      }
      return nil
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .fused:
      return nil
    }
  }

  private func checkDeclared(_ op: Op, _ id: ParameterID, _ type: TensorType) throws {
    guard let known = declared[id] else {
      throw TypeError(op: op.mnemonic, "\(id) is not declared")
    }
    guard known == type else {
      throw TypeError(op: op.mnemonic, "\(id) has type \(type) here and is declared \(known)")
    }
  }

  /// The type a parameter was declared with.
  public func declaredType(of id: ParameterID) -> TensorType? { declared[id] }

  /// Declares a parameter without reading it.
  public func declare(_ parameter: Parameter) throws {
    if let known = declared[parameter.id] {
      guard known == parameter.type else {
        throw TypeError(
          op: "parameter",
          "\(parameter.id) is declared as \(parameter.type) here and as \(known) before")
      }
      return
    }
    if let defect = parameter.type.defect {
      throw TypeError(
        op: "parameter", "\(parameter.id) has type \(parameter.type), which \(defect)")
    }
    declared[parameter.id] = parameter.type
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
    guard outputNames.insert(name).inserted else {
      throw TypeError(op: "output", "the name \(name) is taken")
    }
    graph.outputs.append(Graph.Output(name: name, value: tensor))
  }
}
