import Schema

/// A ranking in memory. O(n) time, 8 bytes a row and as many while they are sorted.
package struct RankedRows: Ranking {
  private var keys: [UInt64] = []
  package private(set) var positives = 0
  let obstacle: String?
  package var negatives: Int { keys.count - positives }
  package var count: Int { keys.count }

  /// - Parameters:
  ///   - predictions: Scores, of which only the order matters.
  ///   - labels: Positive above 0.5; as many as predictions.
  package init(_ predictions: [Float], _ labels: [Float]) {
    precondition(predictions.count == labels.count, "a label for every prediction")
    let broken = predictions.count { $0.isNaN }
    obstacle = Self.obstacle(rows: predictions.count, broken: broken)
    keys.reserveCapacity(predictions.count)
    for (prediction, label) in zip(predictions, labels) {
      keys.append(RankingKey.of(prediction, isPositive: label > 0.5))
      positives += label > 0.5 ? 1 : 0
    }
    RankingKey.sort(&keys)
  }

  /// Why rows cannot be ranked, of which so many have a prediction that is NaN.
  static func obstacle(rows: Int, broken: Int) -> String? {
    rows == 0 ? "no rows with a label" : broken > 0 ? "\(broken) predictions are NaN" : nil
  }

  func forEachKey(_ body: (UInt64) -> Void) throws(Never) { keys.forEach(body) }

  /// The area under the ROC curve (see `RankingSums`).
  package var area: MetricValue { sums().area }

  /// The standard error of `area` (see `RankingSums`).
  package var areaError: MetricValue { sums().areaError }
}
