import Schema

/// The area under the ROC curve: the probability that a positive row scores above a negative one,
/// ties counting half. Exact; O(n log n) time, O(n) memory.
public enum AreaUnderCurve {
  /// - Parameters:
  ///   - predictions: scores; only their order matters.
  ///   - labels: positive above 0.5; as many as predictions.
  public static func compute(predictions: [Float], labels: [Float]) -> MetricValue {
    precondition(predictions.count == labels.count, "a label for every prediction")
    guard !predictions.isEmpty else { return .undefined(reason: "no rows with a label") }
    let broken = predictions.count { $0.isNaN }
    guard broken == 0 else { return .undefined(reason: "\(broken) predictions are NaN") }
    return RankedRows(predictions, labels).area
  }
}
