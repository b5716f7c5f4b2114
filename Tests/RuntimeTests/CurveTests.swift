import Runtime
import Schema
import Testing

/// Curves and bins of scores, against counting by hand.
@Suite struct CurveTests {
  private static let scores: [Float] = [0.9, 0.8, 0.8, 0.7, 0.6, 0.55, 0.55, 0.4, 0.1, 0.05]
  private static let labels: [Float] = [1, 1, 0, 1, 0, 1, 0, 0, 1, 0]

  /// The rows at a threshold or above it, one threshold after the other.
  private static let taken: [(positives: Int, negatives: Int)] = Set(scores).sorted(by: >).map {
    threshold in
    let rows = scores.indices.filter { scores[$0] >= threshold }
    return (rows.count { labels[$0] == 1 }, rows.count { labels[$0] == 0 })
  }

  @Test func rocCurveCountsEachThreshold() {
    let curve = RankedRows(Self.scores, Self.labels).rocCurve()
    let expected =
      [CurvePoint(0, 0)]
      + Self.taken.map { CurvePoint(Double($0.negatives) / 5, Double($0.positives) / 5) }
    #expect(curve == expected)
    // The area below it by trapezoids is the AUC.
    let area = zip(curve, curve.dropFirst()).reduce(0.0) { sum, pair in
      sum + (pair.1.x - pair.0.x) * (pair.1.y + pair.0.y) / 2
    }
    let auc = RankedRows(Self.scores, Self.labels).area.value ?? 0
    #expect(abs(area - auc) < 1e-12)
  }

  @Test func precisionRecallCurveCountsEachThreshold() {
    let curve = RankedRows(Self.scores, Self.labels).precisionRecallCurve()
    #expect(
      curve
        == Self.taken.map {
          CurvePoint(
            Double($0.positives) / 5, Double($0.positives) / Double($0.positives + $0.negatives))
        })
  }

  @Test func thinnedCurvesKeepPointsOfTheWhole() {
    let scores = (0..<5000).map { Float(($0 &* 7919) % 5003) / 5003 }
    let labels = (0..<5000).map { Float(($0 &* 31) % 3 == 0 ? 1 : 0) }
    let ranking = RankedRows(scores, labels)
    let all = ranking.rocCurve()
    let few = ranking.rocCurve(step: 0.01)
    #expect(few.count <= 202 && few.count > 100)
    #expect(few.first == all.first && few.last == all.last)
    #expect(few.allSatisfy(all.contains))
  }

  @Test func oneClassHasNoCurve() {
    #expect(RankedRows([0.1, 0.2], [1, 1]).rocCurve().isEmpty)
    #expect(RankedRows([], []).precisionRecallCurve().isEmpty)
  }

  @Test func binsHoldMeansOfTheirRows() {
    let bins = ReliabilityBins(predictions: Self.scores, labels: Self.labels).bins
    let groups = Dictionary(grouping: Self.scores.indices) { min(14, Int(Self.scores[$0] * 15)) }
    #expect(bins.map(\.rows) == groups.sorted { $0.key < $1.key }.map(\.value.count))
    for (bin, rows) in zip(bins, groups.sorted { $0.key < $1.key }.map(\.value)) {
      let mean = rows.reduce(0.0) { $0 + Double(Self.scores[$1]) } / Double(rows.count)
      let rate = rows.reduce(0.0) { $0 + Double(Self.labels[$1]) } / Double(rows.count)
      #expect(abs(bin.prediction - mean) < 1e-12 && abs(bin.label - rate) < 1e-12)
    }
    // The expected calibration error is their distance, weighted by rows.
    let metrics = TaskMetrics(
      task: "t", kind: .binary, predictions: Self.scores, labels: Self.labels)
    let distance = bins.reduce(0.0) { $0 + Double($1.rows) * abs($1.prediction - $1.label) } / 10
    #expect(abs(distance - (metrics[.calibrationError]?.value ?? 0)) < 1e-12)
  }
}
