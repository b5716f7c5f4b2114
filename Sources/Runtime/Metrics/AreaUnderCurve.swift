/// The area under the ROC curve: the probability that a positive row scores above a negative one,
/// ties counting half. Exact; O(n log n) time, O(n) memory.
public enum AreaUnderCurve {
  /// - Parameters:
  ///   - predictions: scores; only their order matters.
  ///   - labels: positive above 0.5; as many as predictions.
  ///   - weights: not negative; nil counts every row once.
  public static func compute(
    predictions: [Float], labels: [Float], weights: [Float]? = nil
  ) -> MetricValue {
    precondition(predictions.count == labels.count, "a label for every prediction")
    precondition(weights.map { $0.count == labels.count } ?? true, "a weight for every label")
    guard !predictions.isEmpty else { return .undefined(reason: "no rows with a label") }
    let broken = predictions.count { $0.isNaN }
    guard broken == 0 else { return .undefined(reason: "\(broken) predictions are NaN") }
    return weights.map { weighted(predictions, labels, $0) }
      ?? RankedRows(predictions, labels).area
  }

  private static func weighted(
    _ predictions: [Float], _ labels: [Float], _ weights: [Float]
  ) -> MetricValue {
    let order = predictions.indices.sorted {
      RankedRows.order(predictions[$0]) < RankedRows.order(predictions[$1])
    }
    var pairs = 0.0
    var (positives, negatives) = (0.0, 0.0)
    var start = 0
    while start < order.count {
      var end = start
      var (up, down) = (0.0, 0.0)
      while end < order.count, predictions[order[end]] == predictions[order[start]] {
        if labels[order[end]] > 0.5 {
          up += Double(weights[order[end]])
        } else {
          down += Double(weights[order[end]])
        }
        end += 1
      }
      pairs += up * (negatives + down / 2)
      positives += up
      negatives += down
      start = end
    }
    guard positives > 0, negatives > 0 else {
      return .undefined(reason: "only one class in \(predictions.count) rows")
    }
    return .value(pairs / positives / negatives)
  }
}
