import Data
import Runtime
import Schema

/// How well each feature alone tells the label of a task: a feature that tells it almost perfectly was
/// probably made from it.
struct Leakage {
  /// AUC of a binary task, share of rows of the right class, and share of a number's variance.
  private static let limit = 0.99
  private static let varianceLimit = 0.999
  /// Ids with fewer rows than this on average are not judged: their rates say little.
  private static let rowsPerId = 20

  private let dataset: Dataset
  private let schema: DataSchema
  /// The rows that are looked at.
  private let rows: [Int]

  /// - Parameter mostRows: How many rows are looked at, spread evenly over all; nil for all.
  init(_ fitted: FittedData, mostRows: Int? = nil) {
    dataset = fitted.dataset
    schema = fitted.schema
    let step = mostRows.map { max(1, (fitted.dataset.rowCount + $0 - 1) / max(1, $0)) } ?? 1
    rows = Array(stride(from: 0, to: fitted.dataset.rowCount, by: step))
  }

  var findings: [Finding] {
    guard let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask)
    else { return [] }
    let width = schema.labels.count
    var findings: [Finding] = []
    for (column, label) in schema.labels.enumerated() {
      let rows = rows.filter { mask[$0 * width + column] != 0 }
      let truth = rows.map { labels[$0 * width + column] }
      for (slot, feature) in zip(schema.feeds.slots, schema.features) {
        guard let strength = strength(slot, feature, label, rows, truth) else { continue }
        findings.append(
          Finding(
            kind: .leakage, subject: feature.name,
            message: "feature \(feature.name) alone \(strength): was it made from the label?"))
      }
    }
    return findings
  }

  /// What a feature tells of a label, where that is nearly all.
  private func strength(
    _ slot: FeedLayout.Slot, _ feature: FeatureSchema, _ label: LabelSchema, _ rows: [Int],
    _ truth: [Float]
  ) -> String? {
    let task = "task \(label.task)"
    switch label.kind {
    case .binary, .positives:
      guard let scores = scores(slot, feature, rows, truth),
        let auc = RankedRows(scores, truth).area.value
      else { return nil }
      let strength = max(auc, 1 - auc)
      return strength >= Self.limit ? "ranks \(task) with AUC \(Format.fixed(strength, 4))" : nil
    case .number, .soft:
      guard let scores = scores(slot, feature, rows, truth) else { return nil }
      let share = explained(truth, by: scores)
      return share >= Self.varianceLimit
        ? "explains \(Format.percent(share)) of the variance of \(task)" : nil
    case .classes:
      guard let ids = ids(slot, feature, rows) else {
        guard let scores = scores(slot, feature, rows, truth) else { return nil }
        return explained(truth, by: scores) >= Self.varianceLimit
          ? "gives the class of \(task)" : nil
      }
      var counts: [Int: [Float: Int]] = [:]
      for (id, label) in zip(ids, truth) { counts[id, default: [:]][label, default: 0] += 1 }
      let right = counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
      let classes = Set(truth)
      let share = Double(right) / Double(max(1, truth.count))
      return classes.count > 1 && share >= Self.limit
        ? "gives the class of \(task) in \(Format.percent(share)) of the rows" : nil
    }
  }

  /// The squared correlation of two columns.
  private func explained(_ labels: [Float], by scores: [Float]) -> Double {
    let count = Double(max(1, labels.count))
    let x = scores.map(Double.init)
    let y = labels.map(Double.init)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (x, y) in zip(x, y) {
      xx += (x - meanX) * (x - meanX)
      yy += (y - meanY) * (y - meanY)
      xy += (x - meanX) * (y - meanY)
    }
    let share = xy * xy / (xx * yy)
    return share.isFinite ? share : 0
  }

  /// A number itself, or for an id the mean label of the rows that have it.
  private func scores(
    _ slot: FeedLayout.Slot, _ feature: FeatureSchema, _ rows: [Int], _ truth: [Float]
  ) -> [Float]? {
    if case .numeric(let column) = slot {
      guard let feed = dataset.layout.feed(named: FeedLayout.numeric),
        let values = dataset.floats(FeedLayout.numeric)
      else { return nil }
      return rows.map { values[$0 * feed.width + column] }
    }
    guard let ids = ids(slot, feature, rows), let count = feature.cardinality else { return nil }
    var sums = [(label: Double, all: Double)](repeating: (0, 0), count: count)
    for (id, label) in zip(ids, truth) where sums.indices.contains(id) {
      sums[id].label += Double(label)
      sums[id].all += 1
    }
    return ids.map {
      sums.indices.contains($0) ? Float(sums[$0].label / max(1, sums[$0].all)) : 0
    }
  }

  /// The ids of an id feature of which each has enough rows.
  private func ids(
    _ slot: FeedLayout.Slot, _ feature: FeatureSchema, _ rows: [Int]
  ) -> [Int]? {
    guard case .id(let column) = slot, let count = feature.cardinality,
      count <= rows.count / Self.rowsPerId,
      let feed = dataset.layout.feed(named: FeedLayout.ids),
      let values = dataset.integers(FeedLayout.ids)
    else { return nil }
    return rows.map { Int(values[$0 * feed.width + column]) }
  }
}
