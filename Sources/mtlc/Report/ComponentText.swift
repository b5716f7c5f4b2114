import Experiments
import Schema

/// The parts of a model with their shapes and weights.
enum ComponentText {
  /// A line for each part; numbered parts that are alike share one.
  static func text(_ tree: ComponentTree) -> String {
    var table = Table(["component", "shape", "weights"], left: [1])
    for child in tree.root.children { add(child, name: child.name, depth: 0, count: 1, to: &table) }
    return table.text
  }

  private static func add(
    _ node: ComponentTree.Node, name: String, depth: Int, count: Int, to table: inout Table
  ) {
    let weights = Format.count(node.weights)
    table.rows.append([
      String(repeating: "  ", count: depth) + name, node.shape,
      count > 1 ? "\(count) × \(weights)" : weights,
    ])
    var start = 0
    while start < node.children.count {
      let child = node.children[start]
      var end = start + 1
      while end < node.children.count, Int(child.name) != nil,
        Int(node.children[end].name) != nil, child.isLike(node.children[end])
      {
        end += 1
      }
      let last = node.children[end - 1].name
      add(
        child, name: end - start > 1 ? "\(child.name) … \(last)" : child.name, depth: depth + 1,
        count: end - start, to: &table)
      start = end
    }
  }

  static func json(_ nodes: [ComponentTree.Node]) -> JSON {
    .array(
      nodes.map {
        [
          "name": $0.name, "path": $0.path.joined(separator: "."), "weights": $0.weights,
          "shape": $0.shape, "parts": json($0.children),
        ]
      })
  }
}
