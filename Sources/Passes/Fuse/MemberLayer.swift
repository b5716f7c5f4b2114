import GraphIR
import TensorTypes

/// A dense layer of the members of an ensemble on rows of members, f32[Bm, n] → f32[Bm, units]:
/// act((x ⊙ r)·W ⊙ s + b) with one kernel W for all, or act(x·W_m + b) with a kernel for each.
struct MemberLayer {
  /// What the layer reads.
  enum Input: Hashable {
    /// The same row of f32[B, n] for each member.
    case shared(ValueID)
    /// f32[Bm, n], or the members of a row side by side, f32[B, m·n].
    case own(ValueID)
  }

  var product: NodeID
  /// The nodes behind the product that belong to the layer.
  var followers: [NodeID] = []
  var input: Input
  var members: Int
  var inputs: Int
  var units: Int
  /// f32[n, units] with adapters, else f32[m, n, units].
  var kernel: ValueID
  /// r f32[m, n] and s f32[m, units].
  var adapters: (of: ValueID, behind: ValueID)?
  /// b f32[m, units].
  var bias: ValueID?
  var activation: EpilogueActivation?
  /// What the layer computes, f32[Bm, units] or f32[B, m·units].
  var output: ValueID
}

/// Finds the layers of members of a graph.
struct MemberLayerFinder {
  let graph: Graph
  private let uses: GraphUses

  init(_ graph: Graph) {
    self.graph = graph
    uses = GraphUses(graph)
  }

  /// The layer whose product a node is; nil for other nodes and other products.
  func layer(at id: NodeID) -> MemberLayer? {
    switch graph[id].op {
    case .matrix(.matmul(transposeA: false, transposeB: false)): adapted(id)
    case .matrix(.linear(let form)): separate(id, form)
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      nil
    }
  }

  /// reshape(x ⊙ r)·W, reshaped, ⊙ s.
  private func adapted(_ id: NodeID) -> MemberLayer? {
    let node = graph[id]
    let (rows, kernel) = (node.operands[0], node.operands[1])
    guard case .batches(let members) = graph.shape(of: rows)[0], members > 1,
      isOwnParameter(kernel), uses.count(of: rows) == 1, let wide = graph.reshape(rows),
      uses.count(of: wide) == 1,
      let (x, r) = adapter(of: wide, members, graph.shape(of: kernel).size(0)),
      let reshaped = onlyUser(of: node.results[0]), reshaped.node.op.isReshape
    else { return nil }
    let sizes = graph.shape(of: kernel)
    let product = reshaped.node.results[0]
    guard let scaled = onlyUser(of: product), scaled.node.op == .elementwise(.binary(.mul)),
      let (_, s) = adapter(of: scaled.node.results[0], members, sizes.size(1))
    else { return nil }
    var layer = MemberLayer(
      product: id, followers: [reshaped.id, scaled.id], input: input(x, members, sizes.size(0)),
      members: members, inputs: sizes.size(0), units: sizes.size(1), kernel: kernel,
      adapters: (r, s), output: scaled.node.results[0])
    follow(&layer)
    return layer
  }

  /// A grouped product with a kernel for each member.
  private func separate(_ id: NodeID, _ form: LinearForm) -> MemberLayer? {
    let node = graph[id]
    guard form == LinearForm(groups: form.groups), form.groups > 1,
      isOwnParameter(node.operands[1]), graph.shape(of: node.operands[0])[0] == .batch
    else { return nil }
    let sizes = graph.shape(of: node.operands[1])
    var layer = MemberLayer(
      product: id, input: input(node.operands[0], form.groups, sizes.size(1)),
      members: form.groups, inputs: sizes.size(1), units: sizes.size(2), kernel: node.operands[1],
      output: node.results[0])
    // What all members share is no matter of columns that lie side by side.
    guard case .own = layer.input else { return nil }
    follow(&layer)
    return layer
  }

  /// Takes in bias and activation.
  private func follow(_ layer: inout MemberLayer) {
    if let (id, node) = onlyUser(of: layer.output), node.op == .elementwise(.binary(.add)),
      let (_, bias) = adapter(of: node.results[0], layer.members, layer.units)
    {
      layer.bias = bias
      layer.followers.append(id)
      layer.output = node.results[0]
    }
    var output = layer.output
    var passed: [NodeID] = []
    if let (id, node) = onlyUser(of: output), node.op.isReshape,
      graph.shape(of: node.results[0]) == [.batches(layer.members), .fixed(layer.units)]
    {
      passed.append(id)
      output = node.results[0]
    }
    if let (id, node) = onlyUser(of: output), case .elementwise(.unary(let kind)) = node.op,
      let activation = EpilogueActivation(kind)
    {
      layer.activation = activation
      layer.followers += passed + [id]
      layer.output = node.results[0]
    }
  }

  // MARK: Operands

  /// The two operands of an op on f32[B, m·n], of which one is a parameter f32[m, n] of its own.
  private func adapter(
    of value: ValueID, _ members: Int, _ size: Int
  ) -> (x: ValueID, parameter: ValueID)? {
    let node = graph.producer(of: value)
    guard node.operands.count == 2, graph.shape(of: value) == [.batch, .fixed(members * size)]
    else { return nil }
    switch node.op {
    case .elementwise(.binary(.mul)), .elementwise(.binary(.add)): break
    default: return nil
    }
    for (x, vector) in [(0, 1), (1, 0)].map({ (node.operands[$0], node.operands[$1]) }) {
      guard graph.shape(of: x) == graph.shape(of: value), uses.count(of: vector) == 1,
        graph.shape(of: vector) == [.fixed(members * size)], let matrix = graph.reshape(vector),
        isOwnParameter(matrix), graph.shape(of: matrix) == [.fixed(members), .fixed(size)]
      else { continue }
      return (x, matrix)
    }
    return nil
  }

  /// What a value f32[B, m·n] is made of.
  private func input(_ wide: ValueID, _ members: Int, _ size: Int) -> MemberLayer.Input {
    guard let inner = graph.reshape(wide) else { return .own(wide) }
    if graph.shape(of: inner) == [.batch, .fixed(members), .fixed(size)],
      let column = graph.broadcast(inner), graph.shape(of: column) == [.batch, 1, .fixed(size)]
    {
      let row = graph.reshape(column)
      if let row, graph.shape(of: row) == [.batch, .fixed(size)] { return .shared(row) }
    }
    let isRows = graph.shape(of: inner) == [.batches(members), .fixed(size)]
    return .own(isRows ? inner : wide)
  }

  /// Whether a value is a parameter that one node alone reads.
  private func isOwnParameter(_ value: ValueID) -> Bool {
    guard case .source(.parameter) = graph.op(of: value) else { return false }
    return uses.count(of: value) == 1
  }

  private func onlyUser(of value: ValueID) -> (id: NodeID, node: Graph.Node)? {
    uses.onlyUser(of: value).map { ($0, graph[$0]) }
  }
}

extension Op {
  fileprivate var isReshape: Bool {
    if case .layout(.reshape) = self { true } else { false }
  }
}
