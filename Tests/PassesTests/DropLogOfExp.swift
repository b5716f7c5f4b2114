import GraphIR
import Passes

/// ln(e^x) is x.
struct DropLogOfExp: Pass {
  let name = "drop_log_of_exp"

  func run(_ graph: Graph) throws -> Graph {
    let rewritten = try graph.rewritten { rewriter, _, node in
      guard node.op == .elementwise(.unary(.log)) else { return nil }
      let inner = graph.producer(of: node.operands[0])
      guard inner.op == .elementwise(.unary(.exp)) else { return nil }
      return [try rewriter.value(inner.operands[0])]
    }
    return try EliminateDeadCode().run(rewritten)
  }
}
