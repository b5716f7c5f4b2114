import Schema

/// The kinds of charts that a report has, as figures of a page.
enum Charts {
  /// As many colours as series are told apart by; further ones begin again.
  static let colours = 8

  /// Lines over one axis, with the first as the strongest.
  static func lines(
    _ title: String, _ series: [TrainingHistory.Series], x: Axis? = nil, y: Axis? = nil,
    xTitle: String, yTitle: String, diagonal: Bool = false, mark: Double? = nil
  ) -> String {
    let points = series.flatMap(\.points)
    var frame = ChartFrame(
      x: x ?? Axis(points.map(\.x)), y: y ?? Axis(points.map(\.y)), xTitle: xTitle, yTitle: yTitle,
      summary: summary(title, series))
    if diagonal {
      frame.line(
        (frame.px(frame.x.low), frame.py(frame.y.low)),
        (frame.px(frame.x.high), frame.py(frame.y.high)), "guide")
    }
    if let mark {
      frame.line(
        (frame.px(mark), frame.py(frame.y.low)), (frame.px(mark), frame.py(frame.y.high)), "guide")
    }
    for (k, line) in series.enumerated() {
      if line.points.count == 1 {
        frame.dot(line.points[0], radius: 3, "fill s\(k % colours)", title: line.name)
      } else {
        frame.path(line.points, "line s\(k % colours)")
      }
    }
    return figure(title, frame.svg, legend: series.count > 1 ? series.map(\.name) : [])
  }

  private static func summary(_ title: String, _ series: [TrainingHistory.Series]) -> String {
    let parts = series.prefix(8).compactMap { line in
      line.points.last.map { "\(line.name) ends at \(NumberText.short($0.y))" }
    }
    return ([title] + parts).joined(separator: "; ")
  }

  /// Predictions against labels: a dot for each bin, its area by its rows.
  static func reliability(_ title: String, _ bins: [ReliabilityBin], isShare: Bool) -> String {
    let axis = isShare ? Axis.share : Axis(bins.flatMap { [$0.prediction, $0.label] })
    let most = Double(bins.map(\.rows).max() ?? 1)
    var frame = ChartFrame(
      x: axis, y: axis, xTitle: "mean prediction",
      yTitle: isShare ? "share positive" : "mean label",
      summary: "\(title): "
        + bins.map { bin in
          "predicted \(NumberText.short(bin.prediction)), found \(NumberText.short(bin.label)) of"
            + " \(Format.count(bin.rows)) rows"
        }.joined(separator: "; "))
    frame.line(
      (frame.px(axis.low), frame.py(axis.low)), (frame.px(axis.high), frame.py(axis.high)), "guide")
    frame.path(bins.map { CurvePoint($0.prediction, $0.label) }, "line s0")
    for bin in bins {
      frame.dot(
        CurvePoint(bin.prediction, bin.label),
        radius: 2.5 + 5 * (Double(bin.rows) / most).squareRoot(), "fill s0",
        title:
          "\(Format.count(bin.rows)) rows: predicted \(NumberText.short(bin.prediction)), found"
          + " \(NumberText.short(bin.label))")
    }
    return figure(title, frame.svg)
  }

  /// The rows by their prediction, each class on a scale of its own: shares of its rows.
  static func histogram(_ title: String, _ histogram: ScoreHistogram, isBinary: Bool) -> String {
    let count = histogram.positives.count
    let width = (histogram.highest - histogram.lowest) / Double(max(1, count))
    func shares(_ rows: [Int]) -> [Double] {
      let all = Double(max(1, rows.reduce(0, +)))
      return rows.map { Double($0) / all }
    }
    let classes =
      isBinary
      ? [
        ("negative", histogram.negatives, "area s0"), ("positive", histogram.positives, "area s1"),
      ]
      : [("all", histogram.positives, "area s0")]
    let most = classes.flatMap { shares($0.1) }.max() ?? 1
    var frame = ChartFrame(
      x: isBinary ? .share : Axis([histogram.lowest, histogram.highest], count: 4),
      y: Axis([0, most], count: 4), xTitle: "prediction", yTitle: "share of the rows",
      summary: "\(title): "
        + classes.map { "\($0.0) \(Format.count($0.1.reduce(0, +))) rows" }.joined(separator: ", "))
    for (name, rows, style) in classes {
      for (k, share) in shares(rows).enumerated() where rows[k] > 0 {
        let start = histogram.lowest + Double(k) * width
        frame.bar(
          start...(start + width), from: 0, to: share, style,
          title: "\(name), \(NumberText.short(start)) to \(NumberText.short(start + width)):"
            + " \(Format.count(rows[k])) rows")
      }
    }
    return figure(title, frame.svg, legend: isBinary ? ["negative", "positive"] : [])
  }

  static func figure(_ title: String, _ svg: String, legend: [String] = []) -> String {
    figure(title, svg, legend: legend.enumerated().map { ($0.element, $0.offset) })
  }

  static func figure(
    _ title: String, _ svg: String, legend: [(name: String, colour: Int)]
  ) -> String {
    var html = "<figure><figcaption>\(XMLText.escaped(title))</figcaption>\n\(svg)"
    if !legend.isEmpty {
      html += "\n<ul class=\"legend\">"
      html += legend.map { name, colour in
        "<li><i class=\"s\(colour % colours)\"></i>\(XMLText.escaped(name))</li>"
      }.joined()
      html += "</ul>"
    }
    return html + "</figure>"
  }
}
