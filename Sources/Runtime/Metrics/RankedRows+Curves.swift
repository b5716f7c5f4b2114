import Schema

/// Curves over the thresholds of a score: every prediction that occurs is one.
extension RankedRows {
  /// The ROC curve: (false positive rate, true positive rate) from the highest threshold to the lowest,
  /// with (0, 0) before it. Empty with one class only.
  ///
  /// - Parameter step: The least way from a point to the next, along both axes; what lies between is left
  ///   out. 0 keeps all.
  package func rocCurve(step: Double = 0) -> [CurvePoint] {
    guard positives > 0, negatives > 0 else { return [] }
    let (m, n) = (Double(positives), Double(negatives))
    let points = taken().map { CurvePoint(Double($0.negatives) / n, Double($0.positives) / m) }
    return Self.thinned([CurvePoint(0, 0)] + points, step)
  }

  /// The precision-recall curve: (recall, precision) from the highest threshold to the lowest. Empty with
  /// one class only.
  package func precisionRecallCurve(step: Double = 0) -> [CurvePoint] {
    guard positives > 0, negatives > 0 else { return [] }
    let m = Double(positives)
    return Self.thinned(
      taken().map { taken in
        CurvePoint(
          Double(taken.positives) / m,
          Double(taken.positives) / Double(taken.positives + taken.negatives))
      }, step)
  }

  /// The rows at each threshold or above it, from the highest down.
  private func taken() -> [(positives: Int, negatives: Int)] {
    var rows: [(positives: Int, negatives: Int)] = []
    forEachTie { tie in
      rows.append((positives - tie.positivesBelow, negatives - tie.negativesBelow))
    }
    return rows.reversed()
  }

  /// The first point, the last one, and those that are a step away from the one kept before.
  private static func thinned(_ points: [CurvePoint], _ step: Double) -> [CurvePoint] {
    guard let last = points.last else { return [] }
    var kept: [CurvePoint] = []
    for point in points.dropLast() {
      guard let before = kept.last else {
        kept.append(point)
        continue
      }
      if abs(point.x - before.x) + abs(point.y - before.y) >= step { kept.append(point) }
    }
    return kept + [last]
  }
}
