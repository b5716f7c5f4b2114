import Schema

/// The expected calibration error: predictions cut into 15 bins of equal width, and the distances
/// between a bin's mean prediction and its share of positive rows, averaged with the bins' rows
/// (C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
/// eq. 3).
enum CalibrationError {
  static func compute<Rows: ScoredRows>(_ rows: Rows) throws(Rows.Failure) -> MetricValue {
    guard rows.count > 0 else { return .undefined(reason: "no rows with a label") }
    let bins = try ReliabilityBins(rows)
    guard !bins.isBroken else { return .undefined(reason: "a prediction is not finite") }
    return .value(bins.distance / Double(rows.count))
  }
}
