import GraphIR
import TensorTypes

/// What `FuseLinear` must know about a product before it reaches the nodes behind it.
struct EpiloguePlan {
  /// An activation of some columns of a product.
  struct Partial {
    var activation: EpilogueActivation
    var columns: Range<Int>
  }

  let uses: GraphUses
  /// By the last value of a product with its bias: the activation of some of its columns.
  private(set) var partials: [ValueID: Partial] = [:]
  /// Gradients of mixtures that multiply by an activation's derivative.
  private(set) var gradients: [NodeID: EpilogueActivation] = [:]
  /// The activations of those columns: nodes that the product takes over if it can, with the value
  /// that is activated and the slice of it that stands for the node then.
  private(set) var activations: [NodeID: (owner: ValueID, slice: ValueID)] = [:]
  /// Multiplications by a derivative that a mixture's gradient takes over, and what replaces each.
  private(set) var identities: [NodeID: ValueID] = [:]

  private let graph: Graph

  init(_ graph: Graph) {
    self.graph = graph
    uses = GraphUses(graph)
    for id in graph.nodeIDs {
      let node = graph[id]
      switch node.op {
      case .matrix, .fused(.oneHotLinear):
        planColumns(of: node.results[0])
      case .fused(.mixtureGradient(_, gradientOf: nil)):
        planGradient(id, node)
      case .source, .elementwise, .layout, .reduction, .lookup, .convolution, .group, .fused,
        .effect:
        continue
      }
    }
  }

  // MARK: Activations of some columns

  /// Follows the additions behind a product. Only slices may read their result; some of these are
  /// activated.
  private mutating func planColumns(of product: ValueID) {
    var value = product
    while let user = uses.onlyUser(of: value), graph[user].op == .elementwise(.binary(.add)),
      graph.type(of: graph[user].results[0]) == graph.type(of: product)
    {
      value = graph[user].results[0]
    }
    guard partials[value] == nil, uses.count(of: value) == uses.nodes(of: value).count else {
      return
    }
    var activated: [(node: NodeID, slice: ValueID, range: Range<Int>, kind: EpilogueActivation)] =
      []
    var others: [Range<Int>] = []
    for user in uses.nodes(of: value) {
      guard let result = graph[user].results.first, let slice = graph.slice(result),
        slice.axis == 1
      else { return }
      if let next = uses.onlyUser(of: result), case .elementwise(.unary(let kind)) = graph[next].op,
        let activation = EpilogueActivation(kind)
      {
        activated.append((next, result, slice.range, activation))
      } else {
        others.append(slice.range)
      }
    }
    activated.sort { $0.range.lowerBound < $1.range.lowerBound }
    guard let first = activated.first, let last = activated.last,
      activated.allSatisfy({ $0.kind == first.kind }),
      zip(activated, activated.dropFirst()).allSatisfy({
        $0.range.upperBound == $1.range.lowerBound
      })
    else { return }
    let columns = first.range.lowerBound..<last.range.upperBound
    guard !others.contains(where: { $0.overlaps(columns) }), takesPartial(product) else { return }
    partials[value] = Partial(activation: first.kind, columns: columns)
    for item in activated { activations[item.node] = (value, item.slice) }
  }

  /// Whether a product can activate some columns only.
  private func takesPartial(_ product: ValueID) -> Bool {
    switch graph.op(of: product) {
    case .matrix(.matmul), .fused(.oneHotLinear): true
    case .matrix(.linear(let form)):
      form.groups == 1 && form.activation == nil && form.gradientOf == nil
    case .source, .elementwise, .layout, .reduction, .lookup, .convolution, .group, .fused, .effect:
      false
    }
  }

  // MARK: Gradients of mixtures

  /// The cotangent of experts that are an activation's output, or a concatenation of such, is
  /// multiplied by the derivative in the op that computes it.
  private mutating func planGradient(_ id: NodeID, _ node: Graph.Node) {
    let (cotangent, experts) = (node.results[0], node.operands[0])
    if let user = uses.onlyUser(of: cotangent),
      let activation = factor(user, cotangent, at: experts)
    {
      gradients[id] = activation
      identities[user] = cotangent
      return
    }
    guard let (axis, parts) = graph.concat(experts), axis == 1,
      uses.nodes(of: cotangent).count == parts.count, uses.count(of: cotangent) == parts.count
    else { return }
    var found: [NodeID: ValueID] = [:]
    var activation: EpilogueActivation?
    var start = 0
    for part in parts {
      let range = start..<start + graph.shape(of: part).size(1)
      start = range.upperBound
      let slice = uses.nodes(of: cotangent).compactMap { graph[$0].results.first }.first {
        graph.slice($0).map { $0.axis == 1 && $0.range == range } ?? false
      }
      guard let slice, let user = uses.onlyUser(of: slice),
        let kind = factor(user, slice, at: part), activation == nil || activation == kind
      else { return }
      activation = kind
      found[user] = slice
    }
    gradients[id] = activation
    identities.merge(found) { $1 }
  }

  /// The activation by whose derivative at `output` a node multiplies a value.
  private func factor(_ node: NodeID, _ value: ValueID, at output: ValueID) -> EpilogueActivation? {
    guard graph[node].op == .elementwise(.binary(.mul)) else { return nil }
    let operands = graph[node].operands
    let other = operands[0] == value ? operands[1] : operands[0]
    guard let derivative = graph.activationDerivative(other), derivative.output == output else {
      return nil
    }
    return derivative.activation
  }
}
