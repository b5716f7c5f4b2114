import Plan

/// The parts of a model as the names of its parameters tell them: experts, gates, towers, embeddings,
/// each with its layers and its number of weights.
struct ComponentTree {
  /// A part; the root stands for the model.
  struct Node {
    /// The last piece of the name; of a stack's layer the last two, as `dense.0`.
    var name: String
    /// The name's pieces from the root to here.
    var path: [String] = []
    /// The parameters that are this part's own, by the last piece of their names.
    var parameters: [(name: String, shape: [Int])] = []
    var children: [Node] = []

    var weights: Int {
      parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
        + children.reduce(0) { $0 + $1.weights }
    }

    /// `104 → 64` of a layer, `9 × 8` of a table; empty for a part that only has parts.
    var shape: String {
      if let kernel = parameters.first(where: { $0.name == "kernel" }), kernel.shape.count == 2 {
        let bias = parameters.contains { $0.name == "bias" } ? "" : ", no bias"
        return "\(Format.count(kernel.shape[0])) → \(Format.count(kernel.shape[1]))\(bias)"
      }
      return parameters.map { parameter in
        let size =
          parameter.shape.isEmpty
          ? "1" : parameter.shape.map(Format.count).joined(separator: " × ")
        return parameter.name.isEmpty ? size : "\(parameter.name) \(size)"
      }.joined(separator: ", ")
    }

    /// Whether two parts have the same layers under the same names.
    func isLike(_ other: Node) -> Bool {
      shape == other.shape && children.count == other.children.count
        && zip(children, other.children).allSatisfy { $0.name == $1.name && $0.isLike($1) }
    }
  }

  let root: Node

  init(_ parameters: [ParameterRecord]) {
    var root = Node(name: "")
    for parameter in parameters {
      var pieces = parameter.name.split(separator: ".").map(String.init)
      // A table's name is a feature's, which may hold points; tables have no parts.
      if pieces.first == "embedding" {
        let name = parameter.name.dropFirst("embedding.".count)
        pieces = ["embedding", String(name), ""]
      } else if pieces.count == 1 {
        pieces.append("")
      }
      Self.insert(parameter.shape, pieces[...], into: &root)
    }
    root.children = root.children.map(Self.joined)
    self.root = root
  }

  private static func insert(
    _ shape: [Int], _ pieces: ArraySlice<String>, into node: inout Node
  ) {
    guard pieces.count > 1, let first = pieces.first else {
      node.parameters.append((pieces.first ?? "", shape))
      return
    }
    let k: Int
    if let known = node.children.firstIndex(where: { $0.name == first }) {
      k = known
    } else {
      node.children.append(Node(name: first, path: node.path + [first]))
      k = node.children.count - 1
    }
    insert(shape, pieces.dropFirst(), into: &node.children[k])
  }

  /// The part with the layers of a stack, `dense` and in it `0`, `1` …, as parts of its own:
  /// `dense.0`, `dense.1` …
  private static func joined(_ node: Node) -> Node {
    var node = node
    node.children = node.children.map(joined).flatMap { child in
      guard child.name == "dense", child.parameters.isEmpty else { return [child] }
      return child.children.map { layer in
        var layer = layer
        layer.name = "dense.\(layer.name)"
        return layer
      }
    }
    return node
  }

  // MARK: Text

  /// A line for each part; numbered parts that are alike share one.
  var text: String {
    var table = Table(["component", "shape", "weights"], left: [1])
    for child in root.children { add(child, name: child.name, depth: 0, count: 1, to: &table) }
    return table.text
  }

  private func add(_ node: Node, name: String, depth: Int, count: Int, to table: inout Table) {
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

  var json: JSON { .array(root.children.map(Self.json)) }

  private static func json(_ node: Node) -> JSON {
    .object([
      ("name", .string(node.name)), ("path", .string(node.path.joined(separator: "."))),
      ("weights", .integer(node.weights)), ("shape", .string(node.shape)),
      ("parts", .array(node.children.map(json))),
    ])
  }
}
