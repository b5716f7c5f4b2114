import Schema

/// The expected calibration error: predictions cut into 15 bins of equal width, and the distances
/// between a bin's mean prediction and its share of positive rows, averaged with the bins' rows
/// (C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
/// eq. 3).
enum CalibrationError {
  static let bins = 15

  static func compute(predictions: [Float], labels: [Float]) -> MetricValue {
    guard !predictions.isEmpty else { return .undefined(reason: "no rows with a label") }
    var difference = [Double](repeating: 0, count: bins)
    for k in predictions.indices {
      guard predictions[k].isFinite else {
        return .undefined(reason: "a prediction is not finite")
      }
      let place = Int(max(0, min(1, Double(predictions[k]))) * Double(bins))
      difference[min(place, bins - 1)] += Double(predictions[k]) - Double(labels[k])
    }
    return .value(difference.reduce(0) { $0 + abs($1) } / Double(labels.count))
  }
}
