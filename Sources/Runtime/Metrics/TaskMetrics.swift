import Plan

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How well one task's predictions fit its labels, over all rows that have a label.
public struct TaskMetrics: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    /// auc, log_loss, accuracy, base_rate, mean_prediction; rmse, mae, mean_label, mean_prediction.
    public var name: String
    public var value: MetricValue
  }

  public var task: String
  public var kind: TaskRecord.Kind
  /// Rows with a label.
  public var rows: Int
  /// In the order in which reports show them.
  public var entries: [Entry]

  /// nil when the task's kind has no such metric.
  public subscript(name: String) -> MetricValue? { entries.first { $0.name == name }?.value }

  /// - Parameters:
  ///   - predictions: probabilities of a binary task, values of a regression task.
  ///   - labels: 0 or 1 for a binary task; as many as predictions.
  ///   - weights: of the rows; nil counts every row once.
  public init(
    task: String, kind: TaskRecord.Kind, predictions: [Float], labels: [Float],
    weights: [Float]? = nil
  ) {
    self.task = task
    self.kind = kind
    rows = labels.count
    let sums = Sums(kind, predictions, labels, weights)
    switch kind {
    case .binary:
      entries = [
        Entry(
          name: "auc",
          value: AreaUnderCurve.compute(
            predictions: predictions, labels: labels, weights: weights)),
        Entry(name: "log_loss", value: sums.mean(sums.logLoss)),
        Entry(name: "accuracy", value: sums.mean(sums.correct)),
        Entry(name: "base_rate", value: sums.mean(sums.label)),
        Entry(name: "mean_prediction", value: sums.mean(sums.prediction)),
      ]
    case .regression:
      entries = [
        Entry(name: "rmse", value: sums.mean(sums.squaredError, { $0.squareRoot() })),
        Entry(name: "mae", value: sums.mean(sums.absoluteError)),
        Entry(name: "mean_label", value: sums.mean(sums.label)),
        Entry(name: "mean_prediction", value: sums.mean(sums.prediction)),
      ]
    }
  }

  /// A task without a label of its own.
  public static func unlabelled(_ task: TaskRecord, reason: String) -> TaskMetrics {
    var metrics = TaskMetrics(task: task.name, kind: task.kind, predictions: [], labels: [])
    for k in metrics.entries.indices { metrics.entries[k].value = .undefined(reason: reason) }
    return metrics
  }

  private struct Sums {
    /// Probabilities are kept this far from 0 and 1 in the logarithm: the spacing of floats at 1,
    /// so that a confident miss costs about 16 and not infinity.
    static let clip = Double(Float.ulpOfOne)

    var weight = 0.0
    var label = 0.0
    var prediction = 0.0
    var logLoss = 0.0
    var correct = 0.0
    var squaredError = 0.0
    var absoluteError = 0.0

    init(
      _ kind: TaskRecord.Kind, _ predictions: [Float], _ labels: [Float], _ weights: [Float]?
    ) {
      for k in labels.indices {
        let w = weights.map { Double($0[k]) } ?? 1
        let (p, y) = (Double(predictions[k]), Double(labels[k]))
        weight += w
        label += w * y
        prediction += w * p
        switch kind {
        case .binary:
          // max and min would turn NaN into a number.
          let q = p < Self.clip ? Self.clip : p > 1 - Self.clip ? 1 - Self.clip : p
          logLoss -= w * (y > 0.5 ? log(q) : log(1 - q))
          correct += (p > 0.5) == (y > 0.5) ? w : 0
        case .regression:
          squaredError += w * (p - y) * (p - y)
          absoluteError += w * abs(p - y)
        }
      }
    }

    func mean(_ sum: Double, _ finish: (Double) -> Double = { $0 }) -> MetricValue {
      guard weight > 0 else { return .undefined(reason: "no rows with a label") }
      let value = finish(sum / weight)
      return value.isFinite ? .value(value) : .undefined(reason: "a prediction is not finite")
    }
  }
}
