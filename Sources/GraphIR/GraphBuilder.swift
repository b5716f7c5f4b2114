import TensorTypes

/// Builds a graph op by op; the emitter whose tensors are values of a graph. Every call takes time
/// that does not depend on the size of the graph.
public final class GraphBuilder: Emitter {
  public private(set) var graph: Graph
  public let isTraining: Bool
  private var streams: Int = 0
  /// Parameters of the graph by name: the first of these alone until somebody asks.
  private var declared: [ParameterID: TensorType] = [:]
  private var enteredCount = 0
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
    for node in graph.nodes { note(node.op, node.results) }
    for output in graph.outputs { outputNames.insert(output.name) }
  }

  /// Begins a copy of a graph: with its parameters and its first nodes, and none of its random
  /// streams to hand out.
  init(copying source: Graph, first count: Int, isTraining: Bool) {
    graph = Graph(name: source.name)
    self.isTraining = isTraining
    graph.parameters = source.parameters
    graph.nodes.reserveCapacity(source.nodes.count)
    graph.values.reserveCapacity(source.values.count)
    graph.nodes += source.nodes[..<count]
    graph.values += source.values[..<source.nodes[..<count].reduce(0) { $0 + $1.results.count }]
    for node in source.nodes[..<count] { note(node.op, node.results) }
    for node in source.nodes[count...] { reserveStream(of: node.op) }
  }

  private func reserveStream(of op: Op) {
    if case .source(.random(let stream, _)) = op, stream < Int.max {
      streams = Swift.max(streams, stream + 1)
    }
  }

  /// Enters what a node reads or changes into the look-up tables.
  private func note(_ op: Op, _ results: [ValueID]) {
    switch op {
    case .source(.parameter(let id, _)): reads[id] = results.first
    case .source(.input(let id, _)): feeds[id] = results.first
    case .effect(let effect): changed.insert(effect.target)
    case .source(.random): reserveStream(of: op)
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused:
      break
    }
  }

  public func type(of tensor: ValueID) -> TensorType { graph.type(of: tensor) }

  /// Adds an op; reading a parameter or an input again gives the value of the first read.
  /// - Throws: `TypeError` when the operands do not fit, when the op reads or changes a parameter
  ///   that is not declared with its type, or changes one a second time.
  @discardableResult
  public func emit(_ op: Op, _ operands: [ValueID]) throws -> [ValueID] {
    if let known = try known(op) { return [known] }
    do {
      return append(op, operands, try op.infer(operands.map { graph.type(of: $0) }))
    } catch let error as TypeError {
      throw error.naming(operands)
    }
  }

  /// Adds a node of another graph on operands that have the same types there, as its results do
  /// then. What is declared and changed there is for the verifier to see.
  func copy(_ node: Graph.Node, of source: Graph, _ operands: [ValueID]) -> [ValueID] {
    switch node.op {
    case .source(.parameter(let id, _)): if let known = reads[id] { return [known] }
    case .source(.input(let id, _)): if let known = feeds[id] { return [known] }
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      break
    }
    let end = graph.values.count
    let results =
      node.results.first?.index == end
      ? node.results : node.results.indices.map { ValueID(end + $0) }
    for (position, result) in node.results.enumerated() {
      graph.values.append(
        Graph.Value(
          type: source.type(of: result), node: NodeID(graph.nodes.count), position: position))
    }
    graph.nodes.append(Graph.Node(op: node.op, operands: operands, results: results))
    note(node.op, results)
    return results
  }

  private func append(_ op: Op, _ operands: [ValueID], _ types: [TensorType]) -> [ValueID] {
    let node = NodeID(graph.nodes.count)
    var results: [ValueID] = []
    for (position, type) in types.enumerated() {
      results.append(ValueID(graph.values.count))
      graph.values.append(Graph.Value(type: type, node: node, position: position))
    }
    graph.nodes.append(Graph.Node(op: op, operands: operands, results: results))
    note(op, results)
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
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused:
      return nil
    }
  }

  /// The type a parameter was declared with.
  public func declaredType(of id: ParameterID) -> TensorType? {
    for parameter in graph.parameters[enteredCount...] where declared[parameter.id] == nil {
      declared[parameter.id] = parameter.type
    }
    enteredCount = graph.parameters.count
    return declared[id]
  }

  private func checkDeclared(_ op: Op, _ id: ParameterID, _ type: TensorType) throws {
    guard let known = declaredType(of: id) else {
      throw TypeError(op: op.mnemonic, "\(id) is not declared")
    }
    guard known == type else {
      throw TypeError(op: op.mnemonic, "\(id) has type \(type) here and is declared \(known)")
    }
  }

  /// Declares a parameter without reading it.
  public func declare(_ parameter: Parameter) throws {
    if let known = declaredType(of: parameter.id) {
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
