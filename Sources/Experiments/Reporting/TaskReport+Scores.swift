import Plan
import Runtime
import Schema

extension TaskReport {
  /// What the predictions of a task's rows show.
  ///
  /// - Parameter classes: The names of a task's classes.
  init(_ scores: RowScores.Task, classes: [String]) {
    let record = scores.record
    let rows = scores.counted
    self.init(task: record.name, kind: record.kind, rows: rows.count)
    guard !rows.isEmpty else { return }
    let labels = rows.compactMap { scores.labels[$0] }
    let width = record.width
    let predictions =
      width == 1
      ? rows.map { scores.predictions[$0] }
      : rows.flatMap { scores.predictions[$0 * width..<($0 + 1) * width] }
    guard predictions.allSatisfy(\.isFinite) else { return }
    switch record.kind {
    case .binary:
      let ranking = RankedRows(predictions, labels)
      // Four hundred points are more than a picture shows.
      roc = ranking.rocCurve(step: 0.005)
      precisionRecall = ranking.precisionRecallCurve(step: 0.005)
      reliability = ReliabilityBins(predictions: predictions, labels: labels).bins
      histogram = ScoreHistogram(
        predictions, 0...1, positive: { labels[$0] > 0.5 })
    case .regression:
      reliability = Self.groups(predictions, labels, count: 10)
      let (low, high) = (predictions.min() ?? 0, predictions.max() ?? 0)
      histogram = ScoreHistogram(
        predictions, Double(low)...Double(high), positive: { _ in true })
    case .multiclass(let count):
      self.classes = Self.classes(predictions, labels, count, classes)
    }
  }

  /// Rows in the order of their predictions, in equal parts.
  private static func groups(
    _ predictions: [Float], _ labels: [Float], count: Int
  ) -> [ReliabilityBin] {
    let order = predictions.indices.sorted { (predictions[$0], $0) < (predictions[$1], $1) }
    return (0..<count).compactMap { k in
      let part = order[(k * order.count / count)..<((k + 1) * order.count / count)]
      guard !part.isEmpty else { return nil }
      func mean(_ values: [Float]) -> Double {
        part.reduce(0) { $0 + Double(values[$1]) } / Double(part.count)
      }
      return ReliabilityBin(
        rows: part.count, prediction: mean(predictions), label: mean(labels))
    }
  }

  private static func classes(
    _ predictions: [Float], _ labels: [Float], _ count: Int, _ names: [String]
  ) -> [ClassReport] {
    var rows = [Int](repeating: 0, count: count)
    var found = rows
    var sums = [Double](repeating: 0, count: count)
    for (row, label) in labels.enumerated() {
      let own = predictions[row * count..<(row + 1) * count]
      for (k, value) in own.enumerated() { sums[k] += Double(value) }
      let place = Int(label)
      guard rows.indices.contains(place) else { continue }
      rows[place] += 1
      if let best = own.max(), own[own.startIndex + place] == best { found[place] += 1 }
    }
    return (0..<count).map { k in
      ClassReport(
        name: k < names.count ? names[k] : "\(k)", rows: rows[k],
        recall: rows[k] > 0 ? Double(found[k]) / Double(rows[k]) : 0,
        prediction: sums[k] / Double(max(1, labels.count)))
    }
  }
}

extension ScoreHistogram {
  /// Twenty-five ranges.
  fileprivate init(
    _ predictions: [Float], _ range: ClosedRange<Double>, positive: (Int) -> Bool
  ) {
    let count = 25
    self.init(
      lowest: range.lowerBound, highest: range.upperBound,
      positives: [Int](repeating: 0, count: count), negatives: [Int](repeating: 0, count: count))
    let width = (range.upperBound - range.lowerBound) / Double(count)
    for (row, prediction) in predictions.enumerated() {
      let place = width > 0 ? (Double(prediction) - range.lowerBound) / width : 0
      let bin = Int(max(0, min(Double(count - 1), place)))
      if positive(row) { positives[bin] += 1 } else { negatives[bin] += 1 }
    }
  }
}
