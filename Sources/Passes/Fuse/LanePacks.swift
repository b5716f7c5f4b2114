import GraphIR
import TensorTypes

/// Values that are computed alike from neighbouring columns of one layer, packed side by side: one
/// lane for each group of columns. An op that works column by column gives the same numbers for all
/// lanes of a pack at once.
///
/// The search is that of S. Larsen, S. Amarasinghe, "Exploiting Superword Level Parallelism with
/// Multimedia Instruction Sets", PLDI 2000: packs grow from neighbours in memory to what reads them.
struct LanePacks {
  struct Pack {
    enum Source {
      /// Columns of a value, from this one on.
      case columns(of: ValueID, from: Int)
      /// The lanes are parameters, or random numbers.
      case sources
      case op(Op, [Operand])
    }

    enum Operand {
      case pack(Int)
      /// A value that all lanes read, and that stretches over columns.
      case shared(ValueID)
      case constant(Double, DType)
    }

    var source: Source
    /// One value a lane, alike but for the size of their last axis: the columns.
    var lanes: [ValueID]
  }

  /// Each behind those that it reads.
  private(set) var packs: [Pack] = []

  private let graph: Graph
  private let levels: AnchorLevels
  private let uses: GraphUses
  private var places: [ValueID: Int] = [:]

  /// Ops that are followed from an op's operands back to what is packed already.
  private static let depth = 16

  /// - Parameter levels: With every node as an anchor, so that nodes of one level do not depend on
  ///   each other.
  init(_ graph: Graph, _ levels: AnchorLevels) {
    self.graph = graph
    self.levels = levels
    uses = GraphUses(graph)
    for node in graph.nodes {
      if let value = node.results.first, isLayer(value) { seed(value) }
    }
    var next = 0
    while next < packs.count {
      grow(packs[next].lanes)
      next += 1
    }
  }

  /// The pack of an op that a node is a lane of.
  func pack(at id: NodeID) -> Int? {
    guard let place = graph[id].results.first.flatMap({ places[$0] }),
      case .op = packs[place].source
    else { return nil }
    return place
  }

  /// Whether anything reads a value that is not a lane of a pack.
  func isReadSeparately(_ value: ValueID) -> Bool {
    let readers = uses.nodes(of: value)
    return uses.count(of: value) > readers.count || readers.contains { pack(at: $0) == nil }
  }

  // MARK: Seeds

  /// Whether a value is a product, with bias and activation where it has them; also rows of members that
  /// the product has side by side.
  private func isLayer(_ value: ValueID) -> Bool {
    let active = graph.unary(value)?.x ?? value
    let sum = graph.reshape(active) ?? active
    let product = graph.operands(of: sum, binary: .add)?.a ?? sum
    return if case .matrix = graph.op(of: product) { graph.shape(of: value).rank == 2 } else {
      false
    }
  }

  /// Packs the slices of a layer that lie side by side and are read by the same ops.
  private mutating func seed(_ value: ValueID) {
    let slices = uses.nodes(of: value).compactMap { id -> (start: Int, end: Int, value: ValueID)? in
      guard let result = graph[id].results.first, let slice = graph.slice(result), slice.axis == 1,
        slice.range.count > 1
      else { return nil }
      return (slice.range.lowerBound, slice.range.upperBound, result)
    }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    guard slices.count > 1 else { return }
    var first = 0
    for index in 1...slices.count {
      if index < slices.count, slices[index - 1].end == slices[index].start,
        readers(of: slices[first].value) == readers(of: slices[index].value)
      {
        continue
      }
      if index - first > 1 {
        append(
          Pack(
            source: .columns(of: value, from: slices[first].start),
            lanes: slices[first..<index].map(\.value)))
      }
      first = index
    }
  }

  private func readers(of value: ValueID) -> [Op] {
    uses.nodes(of: value).map { graph[$0].op }
  }

  // MARK: Growth

  @discardableResult
  private mutating func append(_ pack: Pack) -> Int {
    for lane in pack.lanes { places[lane] = packs.count }
    packs.append(pack)
    return packs.count - 1
  }

  /// Packs what reads the lanes of a pack, and what that reads beside them.
  private mutating func grow(_ lanes: [ValueID]) {
    let users = lanes.map { uses.nodes(of: $0) }
    guard users.allSatisfy({ $0.count == users[0].count }) else { return }
    for place in users[0].indices {
      let offset = place - users[0].startIndex
      let count = packs.count
      guard pack(users.map { $0[$0.startIndex + offset] }, depth: 0) == nil else { continue }
      // What was packed for its sake has no use.
      for rest in packs[count...] {
        for lane in rest.lanes { places[lane] = nil }
      }
      packs.removeSubrange(count...)
    }
  }

  /// Packs the results of nodes that do the same column by column; nil where they do not, or are
  /// packed already.
  private mutating func pack(_ nodes: [NodeID], depth: Int) -> Int? {
    let first = graph[nodes[0]]
    let level = levels.level[nodes[0].index]
    guard depth < Self.depth, isColumnwise(first),
      nodes.allSatisfy({ graph[$0].op == first.op && levels.level[$0.index] == level })
    else { return nil }
    let lanes = nodes.map { graph[$0].results[0] }
    guard areNew(lanes) else { return nil }
    var operands: [Pack.Operand] = []
    for place in first.operands.indices {
      let values = nodes.map { graph[$0].operands[place] }
      guard let operand = operand(values, depth: depth + 1) else { return nil }
      if case .pack(let index) = operand {
        guard zip(packs[index].lanes, lanes).allSatisfy({ columns($0) == columns($1) }) else {
          return nil
        }
      }
      operands.append(operand)
    }
    guard operands.contains(where: { if case .pack = $0 { true } else { false } }) else {
      return nil
    }
    return append(Pack(source: .op(first.op, operands), lanes: lanes))
  }

  /// What stands for one operand of all lanes.
  private mutating func operand(_ lanes: [ValueID], depth: Int) -> Pack.Operand? {
    let first = lanes[0]
    if let known = places[first] { return packs[known].lanes == lanes ? .pack(known) : nil }
    if lanes.allSatisfy({ $0 == first }) {
      return graph.shape(of: first).last.map { $0 == 1 } ?? true ? .shared(first) : nil
    }
    if let number = graph.constant(first) {
      let dtype = graph.type(of: first).dtype
      return lanes.allSatisfy { graph.constant($0) == number && graph.type(of: $0).dtype == dtype }
        ? .constant(number, dtype) : nil
    }
    if lanes.allSatisfy(isSource) {
      return areNew(lanes) ? .pack(append(Pack(source: .sources, lanes: lanes))) : nil
    }
    return pack(lanes.map { graph[$0].node }, depth: depth).map { .pack($0) }
  }

  /// Whether values can be the lanes of a new pack.
  private func areNew(_ lanes: [ValueID]) -> Bool {
    let type = graph.type(of: lanes[0])
    return Set(lanes).count == lanes.count
      && lanes.allSatisfy { lane in
        let other = graph.type(of: lane)
        return places[lane] == nil && columns(lane) != nil && other.dtype == type.dtype
          && other.shape.dimensions.dropLast() == type.shape.dimensions.dropLast()
      }
  }

  /// The size of the last axis; nil for a number and for rows alone.
  private func columns(_ value: ValueID) -> Int? { graph.shape(of: value).last?.fixedSize }

  private func isSource(_ value: ValueID) -> Bool {
    switch graph.op(of: value) {
    case .source(.parameter), .source(.random): true
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      false
    }
  }

  /// Whether each column of the result depends on the same column of the operands alone.
  private func isColumnwise(_ node: Graph.Node) -> Bool {
    switch node.op {
    case .elementwise: true
    case .reduction(.reduce(_, let axes, _)):
      !axes.contains(graph.shape(of: node.operands[0]).rank - 1)
    case .source, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused, .effect:
      false
    }
  }
}
