import Schema

/// What the training rows tell of a task's label before a model is trained.
public struct LabelPrior: Sendable, Hashable {
  /// Rows with a label.
  public var count: Double
  /// Of the labels: of a binary task the base rate.
  public var mean: Double
  /// Over n, not n − 1.
  public var deviation: Double

  public init(count: Double, mean: Double, deviation: Double = 0) {
    self.count = count
    self.mean = mean
    self.deviation = deviation
  }

  /// Nil where no row has a label, or labels of no finite mean.
  public init?(_ statistics: LabelStatistics) {
    guard statistics.present > 0, let mean = statistics.mean, mean.isFinite else { return nil }
    let deviation = statistics.deviation ?? 0
    self.init(
      count: Double(statistics.present), mean: mean,
      deviation: deviation.isFinite ? deviation : 0)
  }

  /// ln(p/(1 − p)) of the base rate p, to which half a row of either label is added, so that it is
  /// finite for labels that are all alike.
  var logit: Double {
    let positives = Swift.min(Swift.max(count * mean, 0), count)
    return log((positives + 0.5) / (count - positives + 0.5))
  }
}
