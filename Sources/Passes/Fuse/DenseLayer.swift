import GraphIR
import TensorTypes

/// A product with a weight of its own and what follows it alone: act(x·W + b).
struct DenseLayer {
  var product: NodeID
  /// The nodes of bias and activation.
  var followers: [NodeID] = []
  var x: ValueID
  var weight: ValueID
  var bias: ValueID?
  var activation: EpilogueActivation?
  /// What the layer computes.
  var output: ValueID
  var inputs: Int
  var units: Int
}

/// Finds the dense layers of a graph.
struct DenseLayerFinder {
  let graph: Graph
  private let uses: GraphUses

  init(_ graph: Graph) {
    self.graph = graph
    uses = GraphUses(graph)
  }

  /// Whether a value is a parameter that one node alone reads, so that its storage can be a part of
  /// a larger one.
  private func isOwnParameter(_ value: ValueID) -> Bool {
    guard case .source(.parameter) = graph.op(of: value) else { return false }
    return uses.count(of: value) == 1
  }

  /// The layer that a product begins; nil for other nodes and other products.
  func layer(at id: NodeID) -> DenseLayer? {
    let node = graph[id]
    guard node.op == .matrix(.matmul(transposeA: false, transposeB: false)),
      isOwnParameter(node.operands[1]), graph.shape(of: node.operands[0])[0] == .batch
    else { return nil }
    let shape = graph.shape(of: node.operands[1])
    var layer = DenseLayer(
      product: id, x: node.operands[0], weight: node.operands[1], output: node.results[0],
      inputs: shape.size(0), units: shape.size(1))
    if let (user, sum) = onlyUser(of: layer.output), sum.op == .elementwise(.binary(.add)) {
      let bias = sum.operands[sum.operands[0] == layer.output ? 1 : 0]
      if graph.shape(of: bias) == [.fixed(layer.units)], isOwnParameter(bias) {
        layer.bias = bias
        layer.followers.append(user)
        layer.output = sum.results[0]
      }
    }
    if let (user, node) = onlyUser(of: layer.output),
      case .elementwise(.unary(let kind)) = node.op,
      let activation = EpilogueActivation(kind)
    {
      layer.activation = activation
      layer.followers.append(user)
      layer.output = node.results[0]
    }
    return layer
  }

  private func onlyUser(of value: ValueID) -> (NodeID, Graph.Node)? {
    uses.onlyUser(of: value).map { ($0, graph[$0]) }
  }
}
