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
    /// Binary tasks: auc, auc_low, auc_high (the bounds of its 95 % confidence interval by DeLong),
    /// gauc (with groups), pr_auc, log_loss, accuracy, base_rate, mean_prediction, calibration (mean
    /// prediction over base rate), ece. Multi-class tasks: accuracy, macro_auc, log_loss, majority.
    /// Regressions: rmse, mae, mean_label, mean_prediction.
    public var name: String
    public var value: MetricValue
  }

  public var task: String
  public var kind: TaskRecord.Kind
  /// Rows with a label.
  public var rows: Int
  /// In the order in which reports show them.
  public var entries: [Entry]
  /// Of a binary task whose rows have groups; its value is also the entry `gauc`.
  public var grouped: GroupedArea?

  /// nil when the task's kind has no such metric.
  public subscript(name: String) -> MetricValue? { entries.first { $0.name == name }?.value }

  /// - Parameters:
  ///   - predictions: probabilities of a binary task, values of a regression task, for each row the
  ///     probabilities of all classes of a multi-class task.
  ///   - labels: 0 or 1 for a binary task, the class's number for a multi-class task; one a row.
  ///   - weights: of the rows; nil counts every row once.
  ///   - groups: of the rows, for the grouped AUC of a binary task; nil for none.
  public init(
    task: String, kind: TaskRecord.Kind, predictions: [Float], labels: [Float],
    weights: [Float]? = nil, groups: [UInt64]? = nil
  ) {
    self.task = task
    self.kind = kind
    rows = labels.count
    entries = []
    switch kind {
    case .binary:
      let sums = Sums(kind, predictions, labels, weights)
      entries = Self.ranking(predictions, labels, weights)
      if let groups {
        let grouped = GroupedArea(predictions: predictions, labels: labels, groups: groups)
        self.grouped = grouped
        entries.append(Entry(name: "gauc", value: grouped.value))
      }
      entries += [
        Entry(name: "log_loss", value: sums.mean(sums.logLoss)),
        Entry(name: "accuracy", value: sums.mean(sums.correct)),
        Entry(name: "base_rate", value: sums.mean(sums.label)),
        Entry(name: "mean_prediction", value: sums.mean(sums.prediction)),
        Entry(name: "calibration", value: sums.calibration),
        Entry(
          name: "ece",
          value: CalibrationError.compute(
            predictions: predictions, labels: labels, weights: weights)),
      ]
    case .multiclass(let classes):
      entries = ClassMetrics(classes: classes, predictions: predictions, labels: labels).entries
    case .regression:
      let sums = Sums(kind, predictions, labels, weights)
      entries = [
        Entry(name: "rmse", value: sums.mean(sums.squaredError, { $0.squareRoot() })),
        Entry(name: "mae", value: sums.mean(sums.absoluteError)),
        Entry(name: "mean_label", value: sums.mean(sums.label)),
        Entry(name: "mean_prediction", value: sums.mean(sums.prediction)),
      ]
    }
  }

  /// What follows from the order of the predictions.
  private static func ranking(
    _ predictions: [Float], _ labels: [Float], _ weights: [Float]?
  ) -> [Entry] {
    func entries(_ area: MetricValue, _ error: MetricValue, _ precision: MetricValue) -> [Entry] {
      func bound(_ sign: Double) -> MetricValue {
        guard let area = area.value, let error = error.value else {
          return .undefined(reason: area.reason ?? error.reason ?? "")
        }
        // The normal distribution's 97.5 % point.
        return .value(max(0, min(1, area + sign * 1.959963984540054 * error)))
      }
      return [
        Entry(name: "auc", value: area), Entry(name: "auc_low", value: bound(-1)),
        Entry(name: "auc_high", value: bound(1)), Entry(name: "pr_auc", value: precision),
      ]
    }
    if weights != nil || predictions.isEmpty || predictions.contains(where: \.isNaN) {
      let area = AreaUnderCurve.compute(
        predictions: predictions, labels: labels, weights: weights)
      let reason = MetricValue.undefined(reason: area.reason ?? "the rows have weights")
      return entries(area, reason, reason)
    }
    let ranked = RankedRows(predictions, labels)
    return entries(ranked.area, ranked.areaError, ranked.averagePrecision)
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
        case .regression, .multiclass:
          squaredError += w * (p - y) * (p - y)
          absoluteError += w * abs(p - y)
        }
      }
    }

    /// The mean prediction over the base rate: 1 for a model whose probabilities add up.
    var calibration: MetricValue {
      guard weight > 0 else { return .undefined(reason: "no rows with a label") }
      guard label > 0 else { return .undefined(reason: "no positive label") }
      let ratio = prediction / label
      return ratio.isFinite ? .value(ratio) : .undefined(reason: "a prediction is not finite")
    }

    func mean(_ sum: Double, _ finish: (Double) -> Double = { $0 }) -> MetricValue {
      guard weight > 0 else { return .undefined(reason: "no rows with a label") }
      let value = finish(sum / weight)
      return value.isFinite ? .value(value) : .undefined(reason: "a prediction is not finite")
    }
  }
}
