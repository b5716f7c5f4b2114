import GraphIR
import TensorTypes

/// A gate over experts: Σ_e softmax(logits)_e · expert_e.
struct Gate {
  /// The node whose result is the sum.
  var node: NodeID
  /// Where the experts are computed, in the order of the logits.
  var experts: [Columns]
  var logits: Columns
  var width: Int
}

/// Finds gates by their structure.
struct GateFinder {
  let graph: Graph
  private let uses: GraphUses

  init(_ graph: Graph) {
    self.graph = graph
    uses = GraphUses(graph)
  }

  /// The gate whose sum a node is.
  func gate(at id: NodeID) -> Gate? {
    let node = graph[id]
    switch node.op {
    case .reduction(.reduce(.sum, axes: [1], keepAxes: false)):
      return stackedGate(id, node.operands[0])
    case .elementwise(.binary(.add)):
      return summedGate(id, node)
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      return nil
    }
  }

  /// Σ over axis 1 of experts [B, n, H] ⊙ weights [B, n, 1].
  private func stackedGate(_ id: NodeID, _ product: ValueID) -> Gate? {
    guard graph.shape(of: product).rank == 3,
      let (a, b) = graph.operands(of: product, binary: .mul)
    else { return nil }
    for (stack, column) in [(a, b), (b, a)] {
      let shape = graph.shape(of: stack)
      guard let row = graph.reshape(stack), let weights = graph.reshape(column), shape.rank == 3,
        graph.shape(of: column) == [shape[0], shape[1], 1],
        graph.shape(of: row) == [shape[0], .fixed(shape.size(1) * shape.size(2))],
        let logits = logits(of: weights), logits.range.count == shape.size(1)
      else { continue }
      let width = shape.size(2)
      let experts = blocks(of: row, count: shape.size(1), width: width)
      if Set(experts).count == experts.count {
        return Gate(node: id, experts: experts, logits: logits, width: width)
      }
    }
    return nil
  }

  /// Where the blocks of columns of a matrix are computed.
  private func blocks(of row: ValueID, count: Int, width: Int) -> [Columns] {
    if let (axis, parts) = graph.concat(row), axis == 1, parts.count == count,
      parts.allSatisfy({ graph.shape(of: $0).size(1) == width })
    {
      return parts.map { graph.origin(of: Columns(root: $0, range: 0..<width)) }
    }
    return (0..<count).map {
      graph.origin(of: Columns(root: row, range: $0 * width..<($0 + 1) * width))
    }
  }

  /// expert · weight column + expert · weight column + …
  private func summedGate(_ id: NodeID, _ node: Graph.Node) -> Gate? {
    let shape = graph.shape(of: node.results[0])
    guard shape.rank == 2, let width = shape[1].fixedSize, !isPartOfSum(node.results[0]) else {
      return nil
    }
    var terms: [Int: Columns] = [:]
    var softmax: ValueID?
    var stack = node.operands
    while let value = stack.popLast() {
      if uses.count(of: value) == 1, let (a, b) = graph.operands(of: value, binary: .add) {
        stack += [a, b]
        continue
      }
      guard let (expert, weight) = term(value, shape), softmax == nil || softmax == weight.root,
        terms[weight.range.lowerBound] == nil
      else { return nil }
      softmax = weight.root
      terms[weight.range.lowerBound] = graph.origin(of: Columns(root: expert, range: 0..<width))
    }
    guard let softmax, let logits = logits(of: softmax), logits.range.count == terms.count,
      Set(terms.values).count == terms.count
    else { return nil }
    let experts = terms.sorted { $0.key < $1.key }.map(\.value)
    return Gate(node: id, experts: experts, logits: logits, width: width)
  }

  /// An expert times one column of weights.
  private func term(
    _ value: ValueID, _ shape: Shape
  ) -> (expert: ValueID, weight: Columns)? {
    guard let (a, b) = graph.operands(of: value, binary: .mul) else { return nil }
    for (expert, weight) in [(a, b), (b, a)] {
      if graph.shape(of: expert) == shape, let slice = graph.slice(weight), slice.axis == 1,
        slice.range.count == 1
      {
        return (expert, Columns(root: slice.x, range: slice.range))
      }
    }
    return nil
  }

  private func isPartOfSum(_ value: ValueID) -> Bool {
    uses.onlyUser(of: value).map { graph[$0].op == .elementwise(.binary(.add)) } ?? false
  }

  /// The operand of a softmax over the columns of a matrix.
  private func logits(of weights: ValueID) -> Columns? {
    let node = graph.producer(of: weights)
    guard node.op == .reduction(.softmax), graph.shape(of: weights).rank == 2 else { return nil }
    let logits = node.operands[0]
    return graph.origin(
      of: Columns(root: logits, range: 0..<graph.shape(of: logits).size(1)))
  }
}
