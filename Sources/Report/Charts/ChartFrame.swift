import Schema

/// A picture with a horizontal and a vertical axis.
package struct ChartFrame {
  /// Narrow enough for a phone.
  static let width = 340.0
  static let height = 240.0
  private static let (right, top, bottom) = (12.0, 10.0, 40.0)

  /// Where the vertical axis stands: right of its title and of the widest of its marks.
  private let left: Double
  let x: Axis
  let y: Axis
  /// What the picture shows, in a sentence for readers of screens.
  let summary: String
  private(set) var parts: [String] = []

  /// - Parameter marksX: Whether the marks of the horizontal axis are shown.
  package init(
    x: Axis, y: Axis, xTitle: String, yTitle: String, summary: String, marksX: Bool = true
  ) {
    (self.x, self.y, self.summary) = (x, y, summary)
    let widest = y.ticks.map { XMLText.width(y.text($0), 11) }.max() ?? 0
    left = max(52, widest + 24)
    let (x0, x1) = (left, Self.width - Self.right)
    let y1 = Self.height - Self.bottom
    for tick in y.ticks {
      let place = py(tick)
      line((x0, place), (x1, place), "grid")
      text(y.text(tick), x0 - 6, place + 4, "end", "tick")
    }
    for tick in x.ticks where marksX {
      // The outermost ones stay within the picture.
      let place = px(tick)
      let anchor = place > x1 - 8 ? "end" : "middle"
      text(x.text(tick), min(place, x1 + 8), y1 + 15, anchor, "tick")
    }
    line((x0, y1), (x1, y1), "axis")
    text(xTitle, (x0 + x1) / 2, Self.height - 6, "middle", "label")
    parts.append(
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(11 \(XMLText.number((Self.top + y1) / 2)))"
        + " rotate(-90)\">\(XMLText.escaped(yTitle))</text>")
  }

  func px(_ value: Double) -> Double {
    left + x.place(value) * (Self.width - left - Self.right)
  }

  func py(_ value: Double) -> Double {
    Self.height - Self.bottom - y.place(value) * (Self.height - Self.bottom - Self.top)
  }

  mutating func line(_ a: (Double, Double), _ b: (Double, Double), _ style: String) {
    let numbers = [a.0, a.1, b.0, b.1].map(XMLText.number)
    parts.append(
      "<path class=\"\(style)\" d=\"M\(numbers[0]) \(numbers[1])L\(numbers[2]) \(numbers[3])\"/>")
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, _ style: String
  ) {
    parts.append(
      "<text class=\"\(style)\" text-anchor=\"\(anchor)\" x=\"\(XMLText.number(x))\""
        + " y=\"\(XMLText.number(y))\">\(XMLText.escaped(text))</text>")
  }

  mutating func path(_ points: [CurvePoint], _ style: String) {
    let places = points.map { "\(XMLText.number(px($0.x))) \(XMLText.number(py($0.y)))" }
    guard let first = places.first else { return }
    parts.append(
      "<path class=\"\(style)\" d=\"M\(first)"
        + places.dropFirst().map { "L\($0)" }.joined() + "\"/>")
  }

  mutating func dot(_ point: CurvePoint, radius: Double, _ style: String, title: String) {
    parts.append(
      "<circle class=\"\(style)\" cx=\"\(XMLText.number(px(point.x)))\""
        + " cy=\"\(XMLText.number(py(point.y)))\" r=\"\(XMLText.number(radius))\">"
        + "<title>\(XMLText.escaped(title))</title></circle>")
  }

  /// A bar from the axis up, or from one value to another.
  mutating func bar(
    _ range: ClosedRange<Double>, from low: Double, to high: Double, _ style: String, title: String
  ) {
    let (x0, x1) = (px(range.lowerBound), px(range.upperBound))
    let (y0, y1) = (py(high), py(low))
    parts.append(
      "<rect class=\"\(style)\" x=\"\(XMLText.number(x0 + 0.5))\" y=\"\(XMLText.number(y0))\""
        + " width=\"\(XMLText.number(max(0.5, x1 - x0 - 1)))\""
        + " height=\"\(XMLText.number(max(0, y1 - y0)))\">"
        + "<title>\(XMLText.escaped(title))</title></rect>")
  }

  package var svg: String {
    Self.svg(parts, width: Self.width, height: Self.height, summary: summary)
  }

  static func svg(_ parts: [String], width: Double, height: Double, summary: String) -> String {
    let size = "\(XMLText.number(width)) \(XMLText.number(height))"
    return
      "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\""
      + " width=\"\(XMLText.number(width))\" height=\"\(XMLText.number(height))\" role=\"img\""
      + " aria-label=\"\(XMLText.escaped(summary))\">\n" + parts.joined(separator: "\n")
      + "\n</svg>"
  }
}
