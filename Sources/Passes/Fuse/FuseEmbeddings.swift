import GraphIR
import TensorTypes

/// Makes one op of all lookups in tables, pooled or not, whose ids are inputs: rows are written
/// where the concatenation that reads them wants them. The gradient becomes one scatter.
public struct FuseEmbeddings: Pass {
  public let name = "fuse_embeddings"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let all = graph.nodeIDs.compactMap { Lookup(graph, graph[$0].results.first) }
    // The sum within a mean is a lookup by its form.
    let dividends = Set(all.compactMap(\.dividend))
    let uses = GraphUses(graph)
    let lookups = Self.inConcatOrder(
      graph,
      all.filter { !(dividends.contains($0.output) && uses.count(of: $0.output) == 1) })
    guard lookups.count > 1 || lookups.contains(where: { $0.pooling != .concat }) else {
      return graph
    }
    let places = Dictionary(
      uniqueKeysWithValues: lookups.enumerated().map { ($0.element.output, $0.offset) })
    let early = Self.sources(graph, lookups)
    let rewriter = GraphRewriter(of: graph)
    for id in graph.nodeIDs where early[id.index] { try rewriter.copy(id) }
    let parts = try emit(lookups, rewriter)
    for id in graph.nodeIDs where !early[id.index] {
      if let output = graph[id].results.first, let place = places[output] {
        rewriter.replace(id, with: [parts[place]])
      } else {
        try rewriter.copy(id)
      }
    }
    return try EliminateDeadCode().run(rewriter.finish())
  }

  /// What the lookups read: tables and ids.
  private static func sources(_ graph: Graph, _ lookups: [Lookup]) -> [Bool] {
    graph.ancestors(of: lookups.flatMap { [$0.table, $0.ids] })
  }

  /// The lookups in the order in which a concatenation reads them first.
  private static func inConcatOrder(_ graph: Graph, _ lookups: [Lookup]) -> [Lookup] {
    var order: [ValueID: Int] = [:]
    for node in graph.nodes {
      guard case .layout(.concat) = node.op else { continue }
      for operand in node.operands where order[operand] == nil { order[operand] = order.count }
    }
    return lookups.enumerated().sorted {
      (order[$0.element.output] ?? .max, $0.offset) < (order[$1.element.output] ?? .max, $1.offset)
    }.map(\.element)
  }

  /// Emits one op. Returns the columns of each lookup.
  private func emit(_ lookups: [Lookup], _ rewriter: GraphRewriter) throws -> [ValueID] {
    let builder = rewriter.builder
    var form = EmbeddingForm(tables: [], features: [])
    var tables: [ValueID] = []
    var positions: [ValueID: Int] = [:]
    for lookup in lookups {
      let table = try rewriter.value(lookup.table)
      let position = positions[table] ?? tables.count
      if position == tables.count {
        positions[table] = position
        tables.append(table)
        let shape = builder.shape(of: table)
        form.tables.append(.init(rows: shape.size(0), columns: shape.size(1)))
      }
      form.features.append(.init(table: position, pooling: lookup.pooling))
    }
    let ids = try lookups.map { try rewriter.value($0.ids) }
    let all = try builder.emitOne(.fused(.embeddings(form)), tables + ids)
    var start = 0
    return try lookups.indices.map { index in
      let end = start + form.columns(of: form.features[index], ids: builder.type(of: ids[index]))
      defer { start = end }
      return try builder.columns(all, start..<end)
    }
  }
}

/// Rows of a parameter by ids that do not depend on one, as a matrix [B, *].
private struct Lookup {
  var table: ValueID
  var ids: ValueID
  var pooling: EmbeddingForm.Pooling
  var output: ValueID
  /// The sum of a mean.
  var dividend: ValueID?

  /// The lookup that ends in this value; nil for other values.
  init?(_ graph: Graph, _ value: ValueID?) {
    guard let value else { return nil }
    let node = graph.producer(of: value)
    output = value
    switch node.op {
    case .lookup(.gather):
      // A value with a step axis is a lookup only where it is pooled.
      guard graph.shape(of: value).rank == 2 else { return nil }
      (table, ids, pooling) = (node.operands[0], node.operands[1], .concat)
    case .reduction(.reduce(.sum, axes: [1], keepAxes: false)):
      guard let rows = Lookup.sequence(graph, node.operands[0]) else { return nil }
      (table, ids, pooling) = (rows.table, rows.ids, .sum)
    case .elementwise(.binary(.div)):
      guard let rows = Lookup.mean(graph, value) else { return nil }
      (table, ids, pooling) = (rows.table, rows.ids, .mean)
      dividend = node.operands[0]
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      return nil
    }
    guard case .source(.parameter) = graph.op(of: table), graph.shape(of: ids)[0] == .batch else {
      return nil
    }
  }

  /// A lookup [B, length, columns].
  private static func sequence(_ graph: Graph, _ value: ValueID) -> (table: ValueID, ids: ValueID)?
  {
    let node = graph.producer(of: value)
    guard node.op == .lookup(.gather), graph.shape(of: value).rank == 3 else { return nil }
    return (node.operands[0], node.operands[1])
  }

  /// The sum of a sequence's rows divided by max(number of ids, ε).
  private static func mean(_ graph: Graph, _ value: ValueID) -> (table: ValueID, ids: ValueID)? {
    guard let (sum, divisor) = graph.operands(of: value, binary: .div) else { return nil }
    let node = graph.producer(of: sum)
    guard node.op == .reduction(.reduce(.sum, axes: [1], keepAxes: false)),
      let rows = sequence(graph, node.operands[0]),
      let (a, b) = graph.operands(of: divisor, binary: .max),
      // Below one id there is none, and the sum is 0 whatever it is divided by.
      let least = graph.constant(b), least > 0, least <= 1
    else { return nil }
    let count = graph.producer(of: a)
    guard count.op == .reduction(.reduce(.sum, axes: [1], keepAxes: true)) else { return nil }
    let number = graph.producer(of: count.operands[0])
    guard number.op == .elementwise(.convertToFloat) else { return nil }
    let present = graph.producer(of: number.operands[0])
    guard present.op == .elementwise(.isPresent), present.operands[0] == rows.ids else {
      return nil
    }
    return rows
  }
}
