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
    self.init(
      task: task, kind: kind,
      KeptRows(width: kind.width, predictions: predictions, labels: labels, groups: groups))
  }

  /// - Parameter rows: Those of the task that count.
  init<Rows: ScoredRows>(task: String, kind: TaskKind, _ rows: Rows) throws(Rows.Failure) {
    let sums = try RowSums(kind, rows)
    let ranking = kind == .binary ? try rows.ranked(by: nil).sums() : nil
    let grouped = kind == .binary ? try rows.groupedArea() : nil
    var entries: [Entry] = []
    for metric in kind.metrics {
      let value: MetricValue? =
        switch metric {
        case .auc: ranking?.area
        case .aucLow: ranking?.areaBound(-1)
        case .aucHigh: ranking?.areaBound(1)
        case .averagePrecision: ranking?.averagePrecision
        case .groupedAUC: grouped?.value
        case .logLoss: sums.mean(sums.logLoss)
        case .accuracy: sums.mean(sums.correct)
        case .baseRate, .meanLabel: sums.mean(sums.label)
        case .macroAUC: try sums.macroArea(rows)
        case .majority: sums.mean(sums.mostFrequent)
        case .rootMeanSquaredError: sums.mean(sums.squaredError) { $0.squareRoot() }
        case .meanAbsoluteError: sums.mean(sums.absoluteError)
        case .meanPrediction: sums.mean(sums.prediction)
        case .calibration: sums.calibration
        case .calibrationError: try CalibrationError.compute(rows)
        }
      if let value { entries.append(Entry(metric: metric, value: value)) }
    }
    self.init(task: task, kind: kind, rows: rows.count, entries: entries, grouped: grouped)
  }

  /// The metrics of a task whose label the data lacks, all undefined for one reason; nil where it is there.
  ///
  /// - Parameter labelWidth: The columns of labels that the data has.
  static func unlabelled(_ task: TaskRecord, labelWidth: Int) -> TaskMetrics? {
    let reason: String
    switch task.labelColumn {
    case .none: reason = "the task has no label"
    case .some(let column) where column >= labelWidth: reason = "the data has no labels"
    case .some: return nil
    }
    return TaskMetrics(
      task: task.name, kind: task.kind, rows: 0,
      entries: task.kind.metrics.filter { $0 != .groupedAUC }.map {
        Entry(metric: $0, value: .undefined(reason: reason))
      })
  }
}
