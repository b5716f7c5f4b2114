import Schema

extension ModelDiagram {
  /// The diagram as an SVG document that needs nothing else: for light and dark pages, with a text for
  /// readers of screens.
  public var svg: String {
    let layout = DiagramLayout(self)
    let width = max(layout.width, XMLText.width(title, 16) + 48).rounded(.up)
    let size = "\(XMLText.number(width)) \(XMLText.number(layout.height))"
    var lines = [
      "<svg class=\"diagram\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\""
        + " width=\"\(XMLText.number(width))\" height=\"\(XMLText.number(layout.height))\" role=\"img\""
        + " aria-label=\"\(XMLText.escaped(summary))\">",
      Self.style,
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"title\" x=\"24\" y=\"34\" text-anchor=\"start\">\(XMLText.escaped(title))</text>",
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
    let middle = XMLText.number(place.x + place.width / 2)
    var lines = [
      "<rect class=\"\(block.kind.rawValue)\" x=\"\(XMLText.number(place.x))\" y=\"\(XMLText.number(place.y))\""
        + " width=\"\(XMLText.number(place.width))\" height=\"\(XMLText.number(place.height))\" rx=\"7\"/>",
      "<text class=\"name\" text-anchor=\"middle\" x=\"\(middle)\" y=\"\(XMLText.number(place.y + 20))\">"
        + "\(XMLText.escaped(block.title))</text>",
    ]
    for (k, line) in DiagramLayout.lines(block).enumerated() {
      let y = place.y + 36 + DiagramLayout.lineHeight * Double(k)
      lines.append(
        "<text text-anchor=\"middle\" x=\"\(middle)\" y=\"\(XMLText.number(y))\">\(XMLText.escaped(line))</text>"
      )
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
    let points = [x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2].map(XMLText.number)
    return "<path class=\"arrow\" d=\"M\(points[0]),\(points[1]) C\(points[2]),\(points[3])"
      + " \(points[4]),\(points[5]) \(points[6]),\(points[7])\" marker-end=\"url(#tip)\"/>"
  }

  private static let style = """
    <style>
    .diagram text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: #55606e }
    .diagram .title { font-size: 16px; fill: #1d2733 }
    .diagram .name { font-size: 14px; fill: #1d2733 }
    .diagram rect { stroke-width: 1.5 }
    .diagram .page { fill: #ffffff }
    .diagram .input { fill: #f4f4f4; stroke: #777777 }
    .diagram .table { fill: #fff7ec; stroke: #b9772b }
    .diagram .layers, .diagram .op { fill: #f2f6fb; stroke: #3b6ea5 }
    .diagram .output { fill: #eef7f0; stroke: #3f8a58 }
    .diagram .arrow { stroke: #8b95a1; stroke-width: 1.3; fill: none }
    .diagram .tip { fill: #8b95a1 }
    @media (prefers-color-scheme: dark) {
      .diagram text { fill: #9aa6b3 }
    .diagram .title, .diagram .name { fill: #e6edf3 }
    .diagram .page { fill: #0d1117 }
      .diagram .input { fill: #1c2026; stroke: #8b949e }
    .diagram .table { fill: #2b2113; stroke: #e0a75a }
      .diagram .layers, .diagram .op { fill: #14202e; stroke: #6ea8e0 }
    .diagram .output { fill: #14261a; stroke: #5fae7a }
    }
    </style>
    <defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">
    <path class="tip" d="M0,0 L8,4 L0,8 z"/></marker></defs>
    """
}
