import GraphIR

/// Orders a graph's nodes by level: the largest number of anchor nodes on a path to the node.
/// Anchors of one level do not depend on each other, and all that they read comes before the first
/// of them, so that one node can replace them.
struct AnchorLevels {
  /// By `NodeID.index`: the most anchors on a way to the node, itself counted.
  let level: [Int]
  /// Level by level, the anchors of a level before its other nodes; else as in the graph.
  let order: [NodeID]

  init(_ graph: Graph, isAnchor: (NodeID) -> Bool) {
    var level = Array(repeating: 0, count: graph.nodes.count)
    var anchors: [[NodeID]] = [[]]
    var others: [[NodeID]] = [[]]
    for (index, node) in graph.nodes.enumerated() {
      let id = NodeID(index)
      let before = node.operands.map { level[graph[$0].node.index] }.max() ?? 0
      level[index] = before + (isAnchor(id) ? 1 : 0)
      while anchors.count <= level[index] {
        anchors.append([])
        others.append([])
      }
      if isAnchor(id) {
        anchors[level[index]].append(id)
      } else {
        others[level[index]].append(id)
      }
    }
    self.level = level
    order = zip(anchors, others).flatMap { $0 + $1 }
  }

  /// Matrix products as anchors.
  init(products graph: Graph) {
    self.init(graph) { if case .matrix = graph[$0].op { true } else { false } }
  }
}
