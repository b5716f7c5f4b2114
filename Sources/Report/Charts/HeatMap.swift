import Schema

/// A square of cells, the darker the greater the number.
struct HeatMap {
  var title: String
  /// Of the rows, and of the columns by their numbers.
  var names: [String]
  /// From 0 to 1.
  var values: [[Double]]

  var figure: String {
    let width = ChartFrame.width
    let nameWidth = 118.0
    let cell = min(28, (width - nameWidth - 4) / Double(max(1, names.count)))
    var parts: [String] = []
    for (row, name) in names.enumerated() {
      let y = 16 + Double(row) * cell
      let text = XMLText.fitting("\(row + 1) \(name)", 11, width: nameWidth - 8)
      parts.append(
        "<text class=\"tick\" text-anchor=\"end\" x=\"\(XMLText.number(nameWidth - 6))\""
          + " y=\"\(XMLText.number(y + cell / 2 + 4))\">\(XMLText.escaped(text))"
          + "<title>\(XMLText.escaped(name))</title></text>")
      parts.append(
        "<text class=\"tick\" text-anchor=\"middle\""
          + " x=\"\(XMLText.number(nameWidth + (Double(row) + 0.5) * cell))\" y=\"11\">\(row + 1)</text>"
      )
      for (column, value) in values[row].enumerated() {
        parts.append(
          "<rect class=\"cell\" x=\"\(XMLText.number(nameWidth + Double(column) * cell))\""
            + " y=\"\(XMLText.number(y))\" width=\"\(XMLText.number(cell - 1))\""
            + " height=\"\(XMLText.number(cell - 1))\" fill-opacity=\"\(NumberText.fixed(max(0.03, min(1, value)), 2))\">"
            + "<title>\(XMLText.escaped(name)), \(XMLText.escaped(names[column])):"
            + " \(NumberText.fixed(value, 3))</title></rect>")
      }
    }
    let pairs = names.indices.flatMap { i in
      names.indices[..<i].map {
        "\(names[i]) and \(names[$0]) \(NumberText.fixed(values[i][$0], 2))"
      }
    }
    return Charts.figure(
      title,
      ChartFrame.svg(
        parts, width: width, height: 18 + Double(names.count) * cell,
        summary: "\(title): \(pairs.prefix(20).joined(separator: ", "))"))
  }
}
