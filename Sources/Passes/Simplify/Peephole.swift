import GraphIR
import TensorTypes

/// Looks at one op and the ops behind its operands, and answers a value that stands for its
/// result, or nil. What a rule emits through the peephole is looked at in turn, so a rule must
/// bring its op nearer to the form that no rule changes.
typealias PeepholeRule = (_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID?

/// Copies a graph and applies rules to every op on the way, what the rules emit included.
final class Peephole {
  private let rules: [PeepholeRule]
  private let rewriter: GraphRewriter

  init(_ rules: [PeepholeRule], on graph: Graph) throws {
    self.rules = rules
    rewriter = try GraphRewriter(of: graph)
  }

  static func run(_ rules: [PeepholeRule], on graph: Graph) throws -> Graph {
    let peephole = try Peephole(rules, on: graph)
    for id in graph.nodeIDs {
      let node = graph[id]
      let results = try peephole.emit(node.op, peephole.rewriter.values(node.operands))
      peephole.rewriter.replace(id, with: results)
    }
    return try peephole.rewriter.finish()
  }

  /// The graph as far as it is rewritten; operands of rules are its values.
  var graph: Graph { rewriter.builder.graph }

  func type(of value: ValueID) -> TensorType { rewriter.builder.type(of: value) }
  func shape(of value: ValueID) -> Shape { type(of: value).shape }

  func emit(_ op: Op, _ operands: [ValueID]) throws -> [ValueID] {
    for rule in rules {
      if let value = try rule(self, op, operands) { return [value] }
    }
    return try rewriter.builder.emit(op, operands)
  }

  func emitOne(_ op: Op, _ operands: [ValueID]) throws -> ValueID { try emit(op, operands)[0] }

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
