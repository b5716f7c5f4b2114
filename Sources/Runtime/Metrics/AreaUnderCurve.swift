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
    return weights.map { weighted(predictions, labels, $0) } ?? unweighted(predictions, labels)
  }

  /// Bits that sort as the float does, −0 and 0 alike.
  private static func key(_ prediction: Float) -> UInt32 {
    let bits = (prediction + 0).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  private static func unweighted(_ predictions: [Float], _ labels: [Float]) -> MetricValue {
    var keys: [UInt64] = []
    keys.reserveCapacity(predictions.count)
    for (prediction, label) in zip(predictions, labels) {
      keys.append(UInt64(key(prediction)) << 1 | (label > 0.5 ? 1 : 0))
    }
    keys.sort()
    // Twice the number of pairs in order, whole numbers throughout.
    var doubled = 0
    var (positives, negatives) = (0, 0)
    var start = 0
    while start < keys.count {
      var end = start
      var up = 0
      while end < keys.count, keys[end] >> 1 == keys[start] >> 1 {
        up += Int(keys[end] & 1)
        end += 1
      }
      let down = end - start - up
      doubled += up * (2 * negatives + down)
      positives += up
      negatives += down
      start = end
    }
    guard positives > 0, negatives > 0 else {
      return .undefined(reason: "only one class in \(predictions.count) rows")
    }
    return .value(Double(doubled) / 2 / Double(positives) / Double(negatives))
  }

  private static func weighted(
    _ predictions: [Float], _ labels: [Float], _ weights: [Float]
  ) -> MetricValue {
    let order = predictions.indices.sorted { key(predictions[$0]) < key(predictions[$1]) }
    var pairs = 0.0
    var (positives, negatives) = (0.0, 0.0)
    var start = 0
    while start < order.count {
      var end = start
      var (up, down) = (0.0, 0.0)
      while end < order.count, key(predictions[order[end]]) == key(predictions[order[start]]) {
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
