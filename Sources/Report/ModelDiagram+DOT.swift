import Schema

extension ModelDiagram {
  /// The diagram in the language of Graphviz, which lays it out.
  public var dot: String {
    var lines = [
      "digraph \(Self.quoted(title)) {", "  rankdir=LR;",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11];",
    ]
    for (place, block) in blocks.enumerated() {
      let label = ([block.title] + DiagramLayout.lines(block)).map(Self.escaped)
        .joined(separator: "\\n")
      lines.append(
        "  n\(place) [label=\"\(label)\", fillcolor=\"\(Self.colour(block.kind))\"];")
    }
    for arrow in arrows { lines.append("  n\(arrow.from) -> n\(arrow.to);") }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func colour(_ kind: Block.Kind) -> String {
    switch kind {
    case .input: "#f4f4f4"
    case .table: "#fff7ec"
    case .layers, .op: "#f2f6fb"
    case .output: "#eef7f0"
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "\"", "\\": "\\\(character)"
      case "\n", "\r", "\r\n": " "
      default: String(character)
      }
    }.joined()
  }
}
