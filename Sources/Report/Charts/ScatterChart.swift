import Schema

/// Dots by two numbers each.
struct ScatterChart {
  struct Dot {
    var x: Double
    var y: Double
    /// The place of its kind in `kinds`; a later kind is drawn over an earlier one.
    var kind: Int
    var name: String
  }

  var title: String
  var xTitle: String
  var yTitle: String
  /// What the kinds of dots are called.
  var kinds: [String]
  var dots: [Dot]
  /// Numbers that the axes have to hold; dots beyond them are left out. Nil for all dots.
  var range: (x: ClosedRange<Double>, y: ClosedRange<Double>)?
  /// Whether a line joins the dots of the last kinds, from left to right: those from this place on.
  var joinedFrom: Int?

  var figure: String {
    let shown = dots.filter { dot in
      range.map { $0.x.contains(dot.x) && $0.y.contains(dot.y) } ?? true
    }
    let xs = range.map { [$0.x.lowerBound, $0.x.upperBound] } ?? shown.map(\.x)
    let ys = range.map { [$0.y.lowerBound, $0.y.upperBound] } ?? shown.map(\.y)
    let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    let x = low > 0 && high / low >= 20 ? Axis.logarithmic(low...high) : Axis(xs, count: 4)
    let named = shown.filter { $0.kind == kinds.count - 1 }.prefix(8).map { dot in
      "\(dot.name): \(NumberText.plain(dot.x)), \(NumberText.plain(dot.y))"
    }
    var frame = ChartFrame(
      x: x, y: Axis(ys), xTitle: xTitle, yTitle: yTitle,
      summary: ([title] + named).joined(separator: "; "))
    if let joinedFrom {
      let line = shown.filter { $0.kind >= joinedFrom }.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
      frame.path(line.map { CurvePoint($0.x, $0.y) }, "line s0")
    }
    for dot in shown.enumerated().sorted(by: {
      ($0.element.kind, $0.offset) < ($1.element.kind, $1.offset)
    }).map(\.element) {
      frame.dot(
        CurvePoint(dot.x, dot.y), radius: 2.5 + 1.2 * Double(dot.kind),
        "fill s\(colour(dot.kind))",
        title: "\(dot.name): \(NumberText.plain(dot.x)), \(NumberText.fixed(dot.y, 4))")
    }
    return Charts.figure(title, frame.svg, legend: legend)
  }

  /// The last kind is the strongest colour's, and the first a quiet one.
  private func colour(_ kind: Int) -> Int {
    kinds.count == 1 ? 0 : kind == 0 ? 5 : kind == kinds.count - 1 && kinds.count > 2 ? 1 : 0
  }

  private var legend: [(name: String, colour: Int)] {
    kinds.count > 1 ? kinds.enumerated().map { ($0.element, colour($0.offset)) } : []
  }
}
