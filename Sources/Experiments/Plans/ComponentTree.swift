import Plan
import Schema

/// The parts of a model as the names of its parameters tell them: experts, gates, towers, embeddings,
/// each with its layers and its number of weights.
public struct ComponentTree: Sendable {
  /// A part; the root stands for the model.
  public struct Node: Sendable {
    /// The last piece of the name; of a stack's layer the last two, as `dense.0`.
    public var name: String
    /// The name's pieces from the root to here.
    public var path: [String] = []
    /// The parameters that are this part's own, by the last piece of their names.
    public var parameters: [(name: String, shape: [Int])] = []
    public var children: [Node] = []

    public var weights: Int {
      parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
        + children.reduce(0) { $0 + $1.weights }
    }

    /// `104 → 64` of a layer, `9 × 8` of a table; empty for a part that only has parts.
    public var shape: String {
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
    public func isLike(_ other: Node) -> Bool {
      shape == other.shape && children.count == other.children.count
        && zip(children, other.children).allSatisfy { $0.name == $1.name && $0.isLike($1) }
    }
  }

  public let root: Node

  init(_ parameters: [ParameterRecord]) {
    var root = Node(name: "")
    for parameter in parameters {
      // Parts of parts are walked recursively: a name has a limited number of pieces.
      var pieces = parameter.name.split(separator: ".", maxSplits: 31).map(String.init)
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
}
