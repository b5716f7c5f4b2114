import Plan
import Schema

extension TaskMetrics {
  /// - Parameters:
  ///   - predictions: probabilities of a binary task, values of a regression task, for each row the
  ///     probabilities of all classes of a multi-class task.
  ///   - labels: 0 or 1 for a binary task, the class's number for a multi-class task; one a row.
  ///   - groups: of the rows, for the grouped AUC of a binary task; nil for none.
  public init(
    task: String, kind: TaskKind, predictions: [Float], labels: [Float], groups: [UInt64]? = nil
  ) {
    precondition(predictions.count == labels.count * kind.width, "a prediction for each label")
    let sums = RowSums(kind, predictions, labels)
    let ranking = kind == .binary ? RankedRows(predictions, labels) : nil
    let grouped =
      kind == .binary
      ? groups.map { GroupedArea(predictions: predictions, labels: labels, groups: $0) } : nil
    func value(_ metric: Metric) -> MetricValue? {
      switch metric {
      case .auc: ranking?.area
      case .aucLow: ranking?.areaBound(-1)
      case .aucHigh: ranking?.areaBound(1)
      case .averagePrecision: ranking?.averagePrecision
      case .groupedAUC: grouped?.value
      case .logLoss: sums.mean(sums.logLoss)
      case .accuracy: sums.mean(sums.correct)
      case .baseRate, .meanLabel: sums.mean(sums.label)
      case .macroAUC: sums.macroArea(predictions, labels)
      case .majority: sums.mean(sums.mostFrequent)
      case .rootMeanSquaredError: sums.mean(sums.squaredError) { $0.squareRoot() }
      case .meanAbsoluteError: sums.mean(sums.absoluteError)
      case .meanPrediction: sums.mean(sums.prediction)
      case .calibration: sums.calibration
      case .calibrationError:
        CalibrationError.compute(predictions: predictions, labels: labels)
      }
    }
    self.init(
      task: task, kind: kind, rows: labels.count,
      entries: kind.metrics.compactMap { metric in
        value(metric).map { Entry(metric: metric, value: $0) }
      }, grouped: grouped)
  }

  /// The metrics of a task without a label that counts: all undefined for one reason.
  public static func unlabelled(_ task: TaskRecord, reason: String) -> TaskMetrics {
    TaskMetrics(
      task: task.name, kind: task.kind, rows: 0,
      entries: task.kind.metrics.filter { $0 != .groupedAUC }.map {
        Entry(metric: $0, value: .undefined(reason: reason))
      })
  }
}
