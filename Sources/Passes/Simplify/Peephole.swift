import GraphIR
import TensorTypes

/// Looks at one op and the ops behind its operands, and answers a value that stands for its
/// result, or nil. What a rule emits through the peephole is looked at in turn, so a rule must
/// bring its op nearer to the form that no rule changes.
typealias PeepholeRule = (_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID?

/// Copies a graph and applies rules to every op on the way, what the rules emit included.
final class Peephole {
  private let rules: [PeepholeRule]
  private let source: Graph
  /// The node that is looked at.
  private var place = NodeID(0)
  /// Nil as long as no rule has changed anything.
  private var begun: GraphRewriter?

  private init(_ rules: [PeepholeRule], on graph: Graph) {
    self.rules = rules
    source = graph
  }

  private var rewriter: GraphRewriter {
    if let begun { return begun }
    let rewriter = GraphRewriter(of: source, first: place.index)
    begun = rewriter
    return rewriter
  }

  static func run(_ rules: [PeepholeRule], on graph: Graph) throws -> Graph {
    let peephole = Peephole(rules, on: graph)
    for id in graph.nodeIDs {
      peephole.place = id
      let node = graph[id]
      let operands = try peephole.begun?.values(node.operands) ?? node.operands
      if let value = try peephole.rewritten(node.op, operands) {
        peephole.rewriter.replace(id, with: [value])
      } else {
        try peephole.begun?.copy(id)
      }
    }
    return try peephole.begun?.finish() ?? graph
  }

  /// The graph as far as it is rewritten; operands of rules are its values.
  var graph: Graph { begun?.builder.graph ?? source }

  func type(of value: ValueID) -> TensorType {
    begun?.builder.type(of: value) ?? source.type(of: value)
  }
  func shape(of value: ValueID) -> Shape { type(of: value).shape }

  /// What a rule puts in an op's place.
  private func rewritten(_ op: Op, _ operands: [ValueID]) throws -> ValueID? {
    for rule in rules {
      if let value = try rule(self, op, operands) { return value }
    }
    return nil
  }

  func emitOne(_ op: Op, _ operands: [ValueID]) throws -> ValueID {
    try rewritten(op, operands) ?? rewriter.builder.emitOne(op, operands)
  }

  // MARK: Ops that rules emit

  func constant(_ value: Double, _ type: TensorType = .f32()) throws -> ValueID {
    try emitOne(.source(.constant(value, type)), [])
  }
  func unary(_ kind: ElementwiseOp.Unary, _ x: ValueID) throws -> ValueID {
    try emitOne(.elementwise(.unary(kind)), [x])
  }
  func binary(_ kind: ElementwiseOp.Binary, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    try emitOne(.elementwise(.binary(kind)), [a, b])
  }
  func layout(_ op: LayoutOp, _ operands: ValueID...) throws -> ValueID {
    try emitOne(.layout(op), operands)
  }
  /// The value in a shape that it broadcasts to.
  func broadcast(_ value: ValueID, to shape: Shape) throws -> ValueID {
    self.shape(of: value) == shape ? value : try layout(.broadcast(shape), value)
  }
}
