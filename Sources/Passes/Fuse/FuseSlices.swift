import GraphIR
import TensorTypes

/// A sum of zero-padded values that do not overlap is their concatenation. Such sums are what the
/// gradient of the slices of one wide value is. An activation's derivative that multiplies such a
/// concatenation multiplies the parts instead, where the ops that compute them can take it in.
public struct FuseSlices: Pass {
  public let name = "fuse_slices"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let uses = GraphUses(graph)
    /// Whether the node adds two values of its result's type.
    func isPlainSum(_ node: Graph.Node) -> Bool {
      guard node.op == .elementwise(.binary(.add)) else { return false }
      let type = graph.type(of: node.results[0])
      return node.operands.allSatisfy { graph.type(of: $0) == type }
    }
    return try graph.rewritten { rewriter, _, node in
      if node.op == .elementwise(.binary(.mul)) {
        return try distribute(rewriter, node, uses).map { [$0] }
      }
      guard isPlainSum(node) else { return nil }
      let result = node.results[0]
      // Only the last sum of a chain is rewritten, once for all.
      if let user = uses.onlyUser(of: result), isPlainSum(graph[user]) {
        return nil
      }
      var leaves: [ValueID] = []
      var stack = node.operands.reversed() as [ValueID]
      while let value = stack.popLast() {
        let inner = graph.producer(of: value)
        if uses.count(of: value) == 1, isPlainSum(inner) {
          stack += inner.operands.reversed()
        } else {
          leaves.append(value)
        }
      }
      return try fuse(rewriter, leaves).map { [$0] }
    }
  }

  /// The sum of the leaves with pads of one axis put together; nil when there are fewer than two.
  private func fuse(_ rewriter: GraphRewriter, _ leaves: [ValueID]) throws -> ValueID? {
    let graph = rewriter.source
    var byAxis: [Int: [Piece]] = [:]
    var terms: [ValueID] = []
    for leaf in leaves {
      if let pad = graph.pad(leaf) {
        let size = graph.shape(of: pad.x).size(pad.axis)
        byAxis[pad.axis, default: []].append(
          Piece(range: pad.before..<pad.before + size, x: pad.x, whole: leaf))
      } else {
        terms.append(try rewriter.value(leaf))
      }
    }
    guard byAxis.values.contains(where: { $0.count > 1 }) else { return nil }
    for (axis, pieces) in byAxis.sorted(by: { $0.key < $1.key }) {
      for row in Self.rows(pieces) {
        terms.append(
          row.count == 1
            ? try rewriter.value(row[0].whole) : try concat(rewriter, axis, row))
      }
    }
    var sum = terms[0]
    for term in terms.dropFirst() { sum = try rewriter.builder.add(sum, term) }
    return sum
  }

  /// concat(a, b) ⊙ h′(y) as the concatenation of products.
  private func distribute(
    _ rewriter: GraphRewriter, _ node: Graph.Node, _ uses: GraphUses
  ) throws -> ValueID? {
    let builder = rewriter.builder
    for (x, other) in [(0, 1), (1, 0)] {
      let value = node.operands[x]
      guard uses.count(of: value) == 1,
        let factor = rewriter.source.activationDerivative(node.operands[other]),
        let (axis, parts) = builder.graph.concat(try rewriter.value(value))
      else { continue }
      let output = try rewriter.value(factor.output)
      guard builder.type(of: output) == rewriter.source.type(of: value) else { continue }
      var start = 0
      let products = try parts.map { part in
        let end = start + builder.shape(of: part).size(axis)
        let y = try builder.slice(output, axis: axis, start..<end)
        start = end
        return try builder.mul(part, factor.activation.derivative(builder, y))
      }
      return try builder.concat(products, axis: axis)
    }
    return nil
  }

  private struct Piece {
    var range: Range<Int>
    var x: ValueID
    /// The pad itself.
    var whole: ValueID
  }

  /// The pieces, rising, in as few rows without overlap as there are pieces over one place.
  private static func rows(_ pieces: [Piece]) -> [[Piece]] {
    var rows: [[Piece]] = []
    for piece in pieces.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      let start = piece.range.lowerBound
      if let row = rows.firstIndex(where: { ($0.last?.range.upperBound ?? 0) <= start }) {
        rows[row].append(piece)
      } else {
        rows.append([piece])
      }
    }
    return rows
  }

  private func concat(_ rewriter: GraphRewriter, _ axis: Int, _ row: [Piece]) throws -> ValueID {
    let builder = rewriter.builder
    let type = rewriter.source.type(of: row[0].whole)
    let (first, last) = (row[0].range.lowerBound, row[row.count - 1].range.upperBound)
    var parts: [ValueID] = []
    var end = first
    for piece in row {
      if piece.range.lowerBound > end {
        var gap = type
        gap.shape.dimensions[axis] = .fixed(piece.range.lowerBound - end)
        parts.append(try builder.constant(0, gap))
      }
      parts.append(try rewriter.value(piece.x))
      end = piece.range.upperBound
    }
    let joined = try builder.concat(parts, axis: axis)
    let after = type.shape.size(axis) - last
    guard first > 0 || after > 0 else { return joined }
    return try builder.pad(joined, axis: axis, before: first, after: after)
  }
}
