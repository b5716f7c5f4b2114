import Data
import Runtime
import Schema

/// How well each feature alone ranks the rows of a binary task: a feature that ranks them almost
/// perfectly was probably made from the label.
enum Leakage {
  static let limit = 0.99
  /// Ids with fewer rows than this on average are not judged: their rates say little.
  private static let rowsPerId = 20

  static func findings(_ fitted: FittedData) -> [Finding] {
    let dataset = fitted.dataset
    guard let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask)
    else { return [] }
    let width = fitted.schema.labels.count
    var findings: [Finding] = []
    for (column, label) in fitted.schema.labels.enumerated() {
      switch label.kind {
      case .binary, .positives: break
      case .number, .classes: continue
      }
      let rows = (0..<dataset.rowCount).filter { mask[$0 * width + column] != 0 }
      let truth = rows.map { labels[$0 * width + column] }
      for (slot, feature) in zip(fitted.schema.feeds.slots, fitted.schema.features) {
        guard let scores = scores(slot, feature, rows, truth, dataset) else { continue }
        let ranking = AreaUnderCurve.compute(predictions: scores, labels: truth)
        guard let auc = ranking.value else { continue }
        let strength = max(auc, 1 - auc)
        if strength >= limit {
          findings.append(
            Finding(
              kind: .leakage, subject: feature.name,
              message: "feature \(feature.name) alone ranks task \(label.task) with AUC"
                + " \(Format.fixed(strength, 4)): was it made from the label?"))
        }
      }
    }
    return findings
  }

  /// A number itself, or for an id the rate of positive rows that have it.
  private static func scores(
    _ slot: FeedLayout.Slot, _ feature: FeatureSchema, _ rows: [Int], _ truth: [Float],
    _ dataset: Dataset
  ) -> [Float]? {
    switch slot {
    case .numeric(let column):
      guard let feed = dataset.layout.feed(named: FeedLayout.numeric),
        let values = dataset.floats(FeedLayout.numeric)
      else { return nil }
      return rows.map { values[$0 * feed.width + column] }
    case .id(let column):
      guard let feed = dataset.layout.feed(named: FeedLayout.ids),
        let values = dataset.integers(FeedLayout.ids), let count = feature.cardinality,
        count * rowsPerId <= rows.count
      else { return nil }
      let ids = rows.map { Int(values[$0 * feed.width + column]) }
      var sums = [(positive: Float, all: Float)](repeating: (0, 0), count: count)
      for (id, label) in zip(ids, truth) where sums.indices.contains(id) {
        sums[id].positive += label
        sums[id].all += 1
      }
      return ids.map { sums.indices.contains($0) ? sums[$0].positive / max(1, sums[$0].all) : 0 }
    case .sequence: return nil
    }
  }
}
