import GraphIR
import TensorTypes

/// Makes one op of the gates over experts that share experts, each Σ_e softmax(logits)_e · expert_e.
public struct FuseGates: Pass {
  public let name = "fuse_gates"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let finder = GateFinder(graph)
    var gates: [NodeID: Gate] = [:]
    for id in graph.nodeIDs { gates[id] = finder.gate(at: id) }
    guard !gates.isEmpty else { return graph }
    let levels = AnchorLevels(graph) { gates[$0] != nil }
    let groups = Self.groups(levels.order.compactMap { gates[$0] }, levels)
    var groupOf: [NodeID: Int] = [:]
    for (index, group) in groups.enumerated() {
      for gate in group { groupOf[gate.node] = index }
    }
    let rewriter = GraphRewriter(of: graph)
    var outputs: [NodeID: ValueID] = [:]
    for id in levels.order {
      if let group = groupOf[id], outputs[id] == nil {
        outputs.merge(try emit(groups[group], rewriter)) { $1 }
      }
      if let output = outputs[id] {
        rewriter.replace(id, with: [output])
      } else {
        try rewriter.copy(id)
      }
    }
    return try EliminateDeadCode().run(rewriter.finish())
  }

  /// Gates of one level and width that are connected by experts they share.
  private static func groups(_ gates: [Gate], _ levels: AnchorLevels) -> [[Gate]] {
    struct Key: Hashable {
      var level: Int
      var width: Int
      var root: ValueID
    }
    var leaders = Array(gates.indices)
    func leader(_ index: Int) -> Int {
      var found = index
      while leaders[found] != found {
        leaders[found] = leaders[leaders[found]]
        found = leaders[found]
      }
      return found
    }
    var owners: [Key: Int] = [:]
    for (index, gate) in gates.enumerated() {
      for expert in gate.experts {
        let key = Key(
          level: levels.level[gate.node.index], width: gate.width, root: expert.root)
        if let owner = owners[key] {
          let (a, b) = (leader(owner), leader(index))
          leaders[max(a, b)] = min(a, b)
        } else {
          owners[key] = index
        }
      }
    }
    var groups: [Int: [Gate]] = [:]
    for (index, gate) in gates.enumerated() { groups[leader(index), default: []].append(gate) }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Emits one mixture. Returns the replacement of each gate's output.
  private func emit(_ gates: [Gate], _ rewriter: GraphRewriter) throws -> [NodeID: ValueID] {
    let builder = rewriter.builder
    let graph = rewriter.source
    func columns(_ columns: Columns) throws -> ValueID {
      try builder.columns(rewriter.value(columns.root), columns.range)
    }
    // In the order of memory, so that the concatenation is a view.
    let experts = Set(gates.flatMap(\.experts)).map { ($0, graph.place(of: $0)) }
      .sorted { Columns.precedes($0.1, $1.1) }.map(\.0)
    let indices = Dictionary(
      uniqueKeysWithValues: experts.enumerated().map { ($0.element, $0.offset) })
    let form = MixtureForm(
      width: gates[0].width, gates: gates.map { $0.experts.compactMap { indices[$0] } })
    let results = try builder.emit(
      .fused(.mixture(form)),
      [
        builder.joined(experts.map(columns), axis: 1),
        builder.joined(gates.map { try columns($0.logits) }, axis: 1),
      ])
    var outputs: [NodeID: ValueID] = [:]
    for (index, gate) in gates.enumerated() {
      outputs[gate.node] = try builder.columns(
        results[0], index * form.width..<(index + 1) * form.width)
    }
    return outputs
  }
}
