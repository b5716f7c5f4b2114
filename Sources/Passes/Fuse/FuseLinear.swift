import GraphIR
import TensorTypes

/// Puts bias, addend, activation and the factor of an activation's gradient into the matrix
/// product that they follow.
public struct FuseLinear: Pass {
  public let name = "fuse_linear"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let uses = graph.useCounts()
    let rewriter = try GraphRewriter(of: graph)
    for id in graph.nodeIDs {
      let node = graph[id]
      if let fused = try fuse(rewriter, node, uses) {
        rewriter.replace(id, with: [fused])
      } else {
        try rewriter.copy(id)
      }
    }
    return try EliminateDeadCode().run(rewriter.finish())
  }

  private func fuse(
    _ rewriter: GraphRewriter, _ node: Graph.Node, _ uses: [Int]
  ) throws -> ValueID? {
    /// The product behind an operand, if nobody else reads it.
    func product(_ operand: ValueID) throws -> Product? {
      guard uses[operand.index] == 1 else { return nil }
      return Product(rewriter.builder, try rewriter.value(operand))
    }
    switch node.op {
    case .elementwise(.unary(let kind)):
      guard let activation = Activation(rawValue: kind.rawValue),
        var product = try product(node.operands[0]), product.takesActivation
      else { return nil }
      product.form.activation = activation
      return try product.emit(rewriter.builder)
    case .elementwise(.binary(.add)):
      for (x, other) in [
        (node.operands[0], node.operands[1]), (node.operands[1], node.operands[0]),
      ] {
        if var product = try product(x),
          product.add(try rewriter.value(other), rewriter.builder)
        {
          return try product.emit(rewriter.builder)
        }
      }
      return nil
    case .elementwise(.binary(.mul)):
      for (x, other) in [
        (node.operands[0], node.operands[1]), (node.operands[1], node.operands[0]),
      ] {
        guard let factor = rewriter.source.activationDerivative(other), var product = try product(x)
        else { continue }
        if product.multiply(factor.activation, try rewriter.value(factor.output), rewriter.builder)
        {
          return try product.emit(rewriter.builder)
        }
      }
      return nil
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .fused, .effect:
      return nil
    }
  }
}

/// A `matmul` or `linear` of the graph that is built, to be replaced by one that does more.
private struct Product {
  var form: LinearForm
  var operands: [ValueID]
  let type: TensorType

  init?(_ builder: GraphBuilder, _ value: ValueID) {
    let node = builder.graph.producer(of: value)
    switch node.op {
    case .matrix(.matmul(let transposeA, let transposeB)):
      form = LinearForm(transposeA: transposeA, transposeB: transposeB)
    case .matrix(.linear(let linear)): form = linear
    case .source, .elementwise, .layout, .reduction, .lookup, .fused, .effect: return nil
    }
    operands = node.operands
    type = builder.type(of: value)
  }

  var takesActivation: Bool {
    form.activation == nil && form.gradientOf == nil && type.shape.rank == 2
  }

  /// Takes in a value that is added; false where it does not fit.
  mutating func add(_ value: ValueID, _ builder: GraphBuilder) -> Bool {
    guard takesActivation else { return false }
    let other = builder.type(of: value)
    if !form.hasBias, other.shape == Shape([type.shape[1]]) {
      operands.insert(value, at: 2)
      form.hasBias = true
      return true
    }
    guard !form.hasAddend, other == type else { return false }
    operands.append(value)
    form.hasAddend = true
    return true
  }

  mutating func multiply(
    _ activation: Activation, _ output: ValueID, _ builder: GraphBuilder
  ) -> Bool {
    guard form.gradientOf == nil, form.activationColumns == nil, type.shape.rank == 2,
      builder.type(of: output) == type
    else { return false }
    form.gradientOf = activation
    operands.append(output)
    return true
  }

  func emit(_ builder: GraphBuilder) throws -> ValueID {
    try builder.emitOne(.matrix(.linear(form)), operands)
  }
}

extension Graph {
  /// The activation whose derivative a value is, and its output at which it is taken:
  /// step(y), y·(1 − y), 1 − y².
  func activationDerivative(_ value: ValueID) -> (activation: Activation, output: ValueID)? {
    if let y = operand(of: value, unary: .step) { return (.relu, y) }
    if let (a, b) = operands(of: value, binary: .sub), constant(a) == 1,
      let y = operand(of: b, unary: .square), operand(of: y, unary: .tanh) != nil
    {
      return (.tanh, y)
    }
    if let (a, b) = operands(of: value, binary: .mul) {
      for (y, rest) in [(a, b), (b, a)] {
        if let (one, again) = operands(of: rest, binary: .sub), constant(one) == 1, again == y {
          return (.sigmoid, y)
        }
      }
    }
    return nil
  }
}
