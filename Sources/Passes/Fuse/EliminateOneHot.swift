import GraphIR
import TensorTypes

/// A product whose left factor is a concatenation with one-hot columns needs no such columns: the
/// ids pick rows of the weight. The other columns keep a smaller product; the weight's gradient
/// becomes a scatter.
public struct EliminateOneHot: Pass {
  public let name = "eliminate_one_hot"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let hasOneHot = graph.nodes.contains {
      if case .lookup(.oneHot) = $0.op { true } else { false }
    }
    guard hasOneHot else { return try EliminateDeadCode().run(graph) }
    let rewritten = try graph.rewritten { rewriter, _, node in
      guard node.op == .matrix(.matmul(transposeA: false, transposeB: false)) else { return nil }
      let x = node.operands[0]
      var parts = [x]
      if let (axis, pieces) = graph.concat(x), axis == 1 { parts = pieces }
      guard parts.contains(where: { Self.ids(graph, $0) != nil }) else { return nil }
      return [try Self.emit(rewriter, parts, node.operands[1])]
    }
    return try EliminateDeadCode().run(rewritten)
  }

  /// The ids of a one-hot matrix.
  private static func ids(_ graph: Graph, _ value: ValueID) -> ValueID? {
    let node = graph.producer(of: value)
    guard case .lookup(.oneHot) = node.op, graph.shape(of: value).rank == 2 else { return nil }
    return node.operands[0]
  }

  private static func emit(
    _ rewriter: GraphRewriter, _ parts: [ValueID], _ weight: ValueID
  ) throws -> ValueID {
    let graph = rewriter.source
    let builder = rewriter.builder
    let weight = try rewriter.value(weight)
    let rows = builder.shape(of: weight).size(0)
    var dense: [ValueID] = []
    var hot: [ValueID] = []
    var start = 0
    while start < parts.count {
      // Parts of one kind that follow each other share a slice of the weight.
      let isHot = ids(graph, parts[start]) != nil
      var end = start
      while end < parts.count, (ids(graph, parts[end]) != nil) == isHot { end += 1 }
      let run = Array(parts[start..<end])
      let first = parts[..<start].reduce(0) { $0 + graph.shape(of: $1).size(1) }
      let count = run.reduce(0) { $0 + graph.shape(of: $1).size(1) }
      let slice =
        count == rows ? weight : try builder.slice(weight, axis: 0, first..<first + count)
      if isHot {
        hot.append(try pick(rewriter, run, slice, rows: count))
      } else {
        let columns = try rewriter.values(run)
        dense.append(try builder.matmul(builder.joined(columns, axis: 1), slice))
      }
      start = end
    }
    // Products come first: a one-hot product can add to their result.
    let terms = dense + hot
    return try terms.dropFirst().reduce(terms[0]) { try builder.add($0, $1) }
  }

  private static func pick(
    _ rewriter: GraphRewriter, _ run: [ValueID], _ weight: ValueID, rows: Int
  ) throws -> ValueID {
    let graph = rewriter.source
    var features: [OneHotForm.Feature] = []
    var operands = [weight]
    var offset = 0
    for part in run {
      guard let ids = ids(graph, part) else { continue }
      let depth = graph.shape(of: part).size(1)
      features.append(.init(rowOffset: offset, rowCount: depth))
      operands.append(try rewriter.value(ids))
      offset += depth
    }
    let form = OneHotForm(rows: rows, features: features)
    return try rewriter.builder.emitOne(.fused(.oneHotLinear(form)), operands)
  }
}
