/// Questions about who reads what. Each takes time linear in the size of the graph.
extension Graph {
  /// For each node whether one of `roots` is computed from it.
  public func ancestors(of roots: some Sequence<ValueID>) -> [Bool] {
    var marked = Array(repeating: false, count: nodes.count)
    for root in roots { marked[values[root.index].node.index] = true }
    for index in nodes.indices.reversed() where marked[index] {
      for operand in nodes[index].operands { marked[values[operand.index].node.index] = true }
    }
    return marked
  }

  /// For each node whether a run needs it: outputs, effects, and what they are computed from.
  public func liveNodes() -> [Bool] {
    ancestors(of: outputs.map(\.value) + nodes.filter(\.op.hasEffect).flatMap(\.operands))
      .enumerated().map { $1 || nodes[$0].op.hasEffect }
  }

  /// For each value whether it is computed from one of `roots` (or is one).
  public func descendants(of roots: some Sequence<ValueID>) -> [Bool] {
    var marked = Array(repeating: false, count: values.count)
    for root in roots { marked[root.index] = true }
    nodes.markDescendants(&marked)
    return marked
  }

  /// How many nodes each mnemonic has.
  public func opCounts() -> [String: Int] {
    nodes.reduce(into: [:]) { $0[$1.op.mnemonic, default: 0] += 1 }
  }

  /// The inputs that the graph reads, in the order of their nodes.
  public var inputs: [(id: InputID, value: ValueID)] {
    nodes.compactMap { node in
      guard case .source(.input(let id, _)) = node.op else { return nil }
      return node.results.first.map { (id, $0) }
    }
  }

  /// The values that hold parameters, by name.
  public var parameterReads: [ParameterID: ValueID] {
    nodes.reduce(into: [:]) { reads, node in
      if case .source(.parameter(let id, _)) = node.op { reads[id] = node.results.first }
    }
  }
}
