import Schema

extension ModelDiagram {
  /// The diagram as an SVG document that needs nothing else: for light and dark pages, with a text for
  /// readers of screens.
  public var svg: String {
    let layout = DiagramLayout(self)
    let width = max(layout.width, DiagramLayout.textWidth(title, 16) + 48).rounded(.up)
    let size = "\(Self.number(width)) \(Self.number(layout.height))"
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\""
        + " width=\"\(Self.number(width))\" height=\"\(Self.number(layout.height))\" role=\"img\""
        + " aria-label=\"\(Self.escaped(summary))\">",
      Self.style,
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"title\" x=\"24\" y=\"34\" text-anchor=\"start\">\(Self.escaped(title))</text>",
    ]
    // Below the blocks, so that one that passes a column goes behind it.
    for arrow in layout.arrows { lines.append(Self.path(layout.places, arrow)) }
    for (block, place) in zip(blocks, layout.places) { lines += Self.box(block, place) }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// What it shows, in a sentence.
  private var summary: String {
    let outputs = blocks.filter { $0.kind == .output }.map(\.title).joined(separator: ", ")
    return "\(title): \(blocks.count) blocks and \(arrows.count) arrows between them"
      + (outputs.isEmpty ? "" : "; it predicts \(outputs)")
  }

  private static func box(_ block: Block, _ place: DiagramLayout.Place) -> [String] {
    let middle = number(place.x + place.width / 2)
    var lines = [
      "<rect class=\"\(block.kind.rawValue)\" x=\"\(number(place.x))\" y=\"\(number(place.y))\""
        + " width=\"\(number(place.width))\" height=\"\(number(place.height))\" rx=\"7\"/>",
      "<text class=\"name\" text-anchor=\"middle\" x=\"\(middle)\" y=\"\(number(place.y + 20))\">"
        + "\(escaped(block.title))</text>",
    ]
    for (k, line) in DiagramLayout.lines(block).enumerated() {
      let y = place.y + 36 + DiagramLayout.lineHeight * Double(k)
      lines.append(
        "<text text-anchor=\"middle\" x=\"\(middle)\" y=\"\(number(y))\">\(escaped(line))</text>")
    }
    return lines
  }

  private static func path(
    _ places: [DiagramLayout.Place], _ arrow: Arrow
  ) -> String {
    let (from, to) = (places[arrow.from], places[arrow.to])
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2)
    let (x2, y2) = (to.x - 2, to.y + to.height / 2)
    let bend = max(24, (x2 - x1) / 2)
    let points = [x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2].map(number)
    return "<path class=\"arrow\" d=\"M\(points[0]),\(points[1]) C\(points[2]),\(points[3])"
      + " \(points[4]),\(points[5]) \(points[6]),\(points[7])\" marker-end=\"url(#tip)\"/>"
  }

  /// One decimal is enough for a picture.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      // XML has no other control characters.
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
      default: String(scalar)
      }
    }.joined()
  }

  private static let style = """
    <style>
    text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: #55606e }
    .title { font-size: 16px; fill: #1d2733 }
    .name { font-size: 14px; fill: #1d2733 }
    rect { stroke-width: 1.5 }
    .page { fill: #ffffff }
    .input { fill: #f4f4f4; stroke: #777777 } .table { fill: #fff7ec; stroke: #b9772b }
    .layers, .op { fill: #f2f6fb; stroke: #3b6ea5 } .output { fill: #eef7f0; stroke: #3f8a58 }
    .arrow { stroke: #8b95a1; stroke-width: 1.3; fill: none } .tip { fill: #8b95a1 }
    @media (prefers-color-scheme: dark) {
      text { fill: #9aa6b3 } .title, .name { fill: #e6edf3 } .page { fill: #0d1117 }
      .input { fill: #1c2026; stroke: #8b949e } .table { fill: #2b2113; stroke: #e0a75a }
      .layers, .op { fill: #14202e; stroke: #6ea8e0 } .output { fill: #14261a; stroke: #5fae7a }
    }
    </style>
    <defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">
    <path class="tip" d="M0,0 L8,4 L0,8 z"/></marker></defs>
    """
}
