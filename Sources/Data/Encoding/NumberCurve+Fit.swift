import Schema

// Curves that are learned from the numbers of the training rows, in rising order and without missing ones.

extension NumberCurve {
  /// Counts bins between quantiles: the values at k/bins of the rows, each once, have the outputs 0, 1, …; a
  /// number beyond the ends is less than 0, or more than there are bins (Gorishniy et al., NeurIPS 2022).
  static func bins(_ count: Int, _ sorted: [Double]) -> NumberCurve {
    bins(between: (0...count).compactMap { quantile($0, of: count, sorted) })
  }

  /// Bins of which a value of 1/count of the rows or more has edges of its own: at itself, and at the values
  /// of the training rows beside it, so that a number a little below or above is told from it. The smallest
  /// and the largest value are edges too. Those that are left to make `count` bins lie at quantiles of the
  /// other rows; without such a value it is what `bins` gives.
  static func binsBesideMasses(_ count: Int, _ sorted: [Double]) -> NumberCurve {
    var edges = Set([sorted.first, sorted.last].compactMap { $0 })
    var others: [Double] = []
    var start = 0
    while start < sorted.count {
      let value = sorted[start]
      let end = sorted.partition { $0 > value }
      if Double(end - start) * Double(count) >= Double(sorted.count) {
        edges.formUnion([sorted[max(0, start - 1)], value, sorted[min(end, sorted.count - 1)]])
      } else {
        others += sorted[start..<end]
      }
      start = end
    }
    let free = max(0, count + 1 - edges.count)
    for k in 0..<free {
      if let edge = quantile(k + 1, of: free + 1, others) { edges.insert(edge) }
    }
    return bins(between: edges.sorted())
  }

  /// Bins between rising numbers, each of which counts once.
  private static func bins(between numbers: [Double]) -> NumberCurve {
    var edges: [Double] = []
    for edge in numbers where edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
    return NumberCurve(inputs: edges, outputs: edges.indices.map(Double.init), isClamped: false)
  }

  /// Makes numbers normal: a value with the share q of the rows below it, half of those that have it
  /// included, becomes the normal number with that probability, Φ⁻¹(q). It goes through 257 quantiles at most.
  static func normal(_ sorted: [Double]) -> NumberCurve {
    var curve = NumberCurve(inputs: [], outputs: [], isClamped: true)
    let most = min(256, sorted.count)
    for k in 0...most {
      guard let value = quantile(k, of: most, sorted) else { break }
      if let last = curve.inputs.last, value <= last { continue }
      let below = sorted.partition { $0 >= value }
      let notAbove = sorted.partition { $0 > value }
      let output = normalQuantile(Double(below + notAbove) / Double(2 * sorted.count))
      // Beside a value of nearly all rows others can be too rare to tell apart.
      if let last = curve.outputs.last, output <= last { continue }
      curve.inputs.append(value)
      curve.outputs.append(output)
    }
    return curve
  }

  private static func quantile(_ k: Int, of count: Int, _ sorted: [Double]) -> Double? {
    guard let last = sorted.last else { return nil }
    let place = (Double(k) / Double(max(1, count)) * Double(sorted.count - 1)).rounded()
    return place >= Double(sorted.count - 1) ? last : sorted[Int(place)]
  }

  /// x with Φ(x) = q for 0 < q < 1, by bisection: 80 halvings of ±8.3, beyond which Φ is 0 or 1.
  static func normalQuantile(_ q: Double) -> Double {
    if q == 0.5 { return 0 }
    // By the smaller tail, which floats tell from 0.
    let tail = min(q, 1 - q)
    var (low, high) = (-8.3, 0.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < tail { low = middle } else { high = middle }
    }
    let x = (low + high) / 2
    return q < 0.5 ? x : -x
  }
}

extension [Double] {
  /// How many are before the first that is in the second part, of numbers that were divided by that.
  fileprivate func partition(_ isSecond: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
