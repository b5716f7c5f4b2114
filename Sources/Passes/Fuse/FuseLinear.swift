import GraphIR
import TensorTypes

/// Puts bias, addend, activation and the factor of an activation's gradient into the product that
/// they follow.
public struct FuseLinear: Pass {
  public let name = "fuse_linear"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let plan = EpiloguePlan(graph)
    let rewriter = GraphRewriter(of: graph)
    var activated: Set<ValueID> = []
    for id in graph.nodeIDs {
      let node = graph[id]
      if let (owner, slice) = plan.activations[id], activated.contains(owner) {
        rewriter.replace(id, with: [try rewriter.value(slice)])
      } else if let stand = plan.identities[id] {
        rewriter.replace(id, with: [try rewriter.value(stand)])
      } else if let activation = plan.gradients[id],
        case .fused(.mixtureGradient(let form, _)) = node.op
      {
        let op = FusedOp.mixtureGradient(form, gradientOf: activation)
        rewriter.replace(
          id, with: try rewriter.builder.emit(.fused(op), rewriter.values(node.operands)))
      } else if let fused = try fuse(rewriter, node, plan.uses) {
        rewriter.replace(id, with: [fused])
      } else {
        try rewriter.copy(id)
      }
      if let result = node.results.first, let partial = plan.partials[result],
        try apply(partial, to: result, rewriter)
      {
        activated.insert(result)
      }
    }
    return try EliminateDeadCode().run(rewriter.finish())
  }

  /// Activates some columns of a value; false where it is not a product.
  private func apply(
    _ partial: EpiloguePlan.Partial, to value: ValueID, _ rewriter: GraphRewriter
  ) throws -> Bool {
    guard var product = Product(rewriter.builder, try rewriter.value(value)),
      product.takesActivation
    else { return false }
    product.activate(partial.activation, columns: partial.columns)
    rewriter.replace(value, with: try product.emit(rewriter.builder))
    return true
  }

  private func fuse(
    _ rewriter: GraphRewriter, _ node: Graph.Node, _ uses: GraphUses
  ) throws -> ValueID? {
    let builder = rewriter.builder
    /// The product behind an operand, if nothing else reads it; also one that is read in another shape.
    func product(_ operand: ValueID) throws -> Product? {
      guard uses.count(of: operand) == 1 else { return nil }
      if let inner = rewriter.source.reshape(operand), uses.count(of: inner) == 1 {
        return Product(
          builder, try rewriter.value(inner), as: rewriter.source.shape(of: operand))
      }
      return Product(builder, try rewriter.value(operand))
    }
    switch node.op {
    case .elementwise(.unary(let kind)):
      guard let activation = EpilogueActivation(kind),
        var product = try product(node.operands[0]), product.takesActivation
      else { return nil }
      product.activate(activation)
      return try product.emit(builder)
    case .elementwise(.binary(.add)):
      let (a, b) = (node.operands[0], node.operands[1])
      var candidates: [(Product, ValueID)] = []
      for (x, other) in [(a, b), (b, a)] {
        if let product = try product(x) { candidates.append((product, other)) }
      }
      // A one-hot product adds to the result that another product has stored.
      for (product, other) in candidates.filter(\.0.isOneHot)
        + candidates.filter({ !$0.0.isOneHot })
      {
        var product = product
        if product.add(try rewriter.value(other), builder) { return try product.emit(builder) }
      }
      return nil
    case .elementwise(.binary(.mul)):
      let (a, b) = (node.operands[0], node.operands[1])
      for (x, other) in [(a, b), (b, a)] {
        guard let factor = rewriter.source.activationDerivative(other), var product = try product(x)
        else { continue }
        if try product.multiply(factor.activation, try rewriter.value(factor.output), builder) {
          return try product.emit(builder)
        }
      }
      return nil
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      return nil
    }
  }
}

/// A product of the graph that is built, to be replaced by one that does more.
private struct Product {
  private enum Kind {
    case linear(LinearForm)
    case oneHot(OneHotForm)
  }

  private var kind: Kind
  private var operands: [ValueID]
  private let type: TensorType
  /// The shape that the result is read in, where it is another one.
  private let shape: Shape?

  init?(_ builder: GraphBuilder, _ value: ValueID, as shape: Shape? = nil) {
    let node = builder.graph.producer(of: value)
    switch node.op {
    case .matrix(.matmul(let transposeA, let transposeB)):
      kind = .linear(LinearForm(transposeA: transposeA, transposeB: transposeB))
    case .matrix(.linear(let form)): kind = .linear(form)
    case .fused(.oneHotLinear(let form)): kind = .oneHot(form)
    case .source, .elementwise, .layout, .reduction, .lookup, .convolution, .group, .fused, .effect:
      return nil
    }
    operands = node.operands
    type = builder.type(of: value)
    self.shape = shape
  }

  var isOneHot: Bool {
    if case .oneHot = kind { true } else { false }
  }

  var takesActivation: Bool {
    switch kind {
    case .linear(let form):
      form.activation == nil && form.gradientOf == nil && type.shape.rank == 2
    case .oneHot(let form): form.activation == nil
    }
  }

  mutating func activate(_ activation: EpilogueActivation, columns: Range<Int>? = nil) {
    switch kind {
    case .linear(var form):
      form.activation = activation
      form.activationColumns = columns
      kind = .linear(form)
    case .oneHot(var form):
      form.activation = activation
      form.activationColumns = columns
      kind = .oneHot(form)
    }
  }

  /// Takes in a value that is added; false where it does not fit.
  mutating func add(_ value: ValueID, _ builder: GraphBuilder) -> Bool {
    guard takesActivation, shape == nil else { return false }
    let other = builder.type(of: value)
    let isBias = other.shape == [type.shape[1]]
    guard isBias || other == type else { return false }
    switch kind {
    case .linear(var form):
      guard isBias ? !form.hasBias : !form.hasAddend else { return false }
      if isBias { form.hasBias = true } else { form.hasAddend = true }
      operands.insert(value, at: isBias ? 2 : operands.count)
      kind = .linear(form)
    case .oneHot(var form):
      guard isBias ? !form.hasBias : !form.hasAddend else { return false }
      if isBias { form.hasBias = true } else { form.hasAddend = true }
      operands.insert(value, at: isBias ? 1 + form.features.count : operands.count)
      kind = .oneHot(form)
    }
    return true
  }

  /// Takes in the derivative of an activation as a factor; false where it does not fit.
  mutating func multiply(
    _ activation: EpilogueActivation, _ output: ValueID, _ builder: GraphBuilder
  ) throws -> Bool {
    guard case .linear(var form) = kind, form.gradientOf == nil, form.activationColumns == nil,
      type.shape.rank == 2, builder.type(of: output).shape == shape ?? type.shape
    else { return false }
    form.gradientOf = activation
    operands.append(try shape == nil ? output : builder.reshape(output, type.shape))
    kind = .linear(form)
    return true
  }

  func emit(_ builder: GraphBuilder) throws -> ValueID {
    let result =
      switch kind {
      case .linear(let form): try builder.emitOne(.matrix(.linear(form)), operands)
      case .oneHot(let form): try builder.emitOne(.fused(.oneHotLinear(form)), operands)
      }
    return try shape.map { try builder.reshape(result, $0) } ?? result
  }
}
