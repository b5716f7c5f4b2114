import Schema

/// Bars below each other, each with its name and its number.
struct BarList {
  struct Bar {
    var name: String
    var value: Double
    /// Half of an interval around the value; nil for none.
    var error: Double?
    var text: String
  }

  var title: String
  var bars: [Bar]

  private static let (nameWidth, numberWidth, rowHeight) = (118.0, 62.0, 20.0)

  var figure: String {
    let width = ChartFrame.width
    let most = bars.map { max(0, $0.value) + ($0.error ?? 0) }.max() ?? 0
    let room = width - Self.nameWidth - Self.numberWidth - 8
    var parts: [String] = []
    for (k, bar) in bars.enumerated() {
      let y = Double(k) * Self.rowHeight
      func place(_ value: Double) -> Double {
        Self.nameWidth + (most > 0 ? max(0, min(1, value / most)) * room : 0)
      }
      let name = XMLText.fitting(bar.name, 11, width: Self.nameWidth - 8)
      parts.append(
        "<text class=\"tick\" text-anchor=\"end\" x=\"\(XMLText.number(Self.nameWidth - 6))\""
          + " y=\"\(XMLText.number(y + 14))\">\(XMLText.escaped(name))"
          + "<title>\(XMLText.escaped(bar.name))</title></text>")
      parts.append(
        "<rect class=\"fill s0\" x=\"\(XMLText.number(Self.nameWidth))\" y=\"\(XMLText.number(y + 4))\""
          + " width=\"\(XMLText.number(max(1, place(bar.value) - Self.nameWidth)))\" height=\"12\"/>"
      )
      if let error = bar.error, error > 0 {
        let (low, high) = (place(bar.value - error), place(bar.value + error))
        parts.append(
          "<path class=\"whisker\" d=\"M\(XMLText.number(low)) \(XMLText.number(y + 10))"
            + "L\(XMLText.number(high)) \(XMLText.number(y + 10))\"/>")
      }
      parts.append(
        "<text class=\"tick\" text-anchor=\"end\" x=\"\(XMLText.number(width - 2))\""
          + " y=\"\(XMLText.number(y + 14))\">\(XMLText.escaped(bar.text))</text>")
    }
    let summary =
      "\(title): " + bars.prefix(20).map { "\($0.name) \($0.text)" }.joined(separator: ", ")
    return Charts.figure(
      title,
      ChartFrame.svg(
        parts, width: width, height: max(1, Double(bars.count)) * Self.rowHeight + 2,
        summary: summary))
  }
}
