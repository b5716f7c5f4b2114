import Plan
import Schema

/// What metrics are computed from: by task the predictions and labels of the rows that count.
package struct EvaluationScores: Sendable {
  /// Rows that were predicted, those included that count for no task.
  var rows: Int
  /// The columns of labels that the rows have.
  let labelWidth: Int
  var kept: [KeptRows]

  /// - Parameters:
  ///   - labelWidth: The columns of labels that the rows have.
  ///   - hasGroups: Whether the rows are grouped.
  package init(_ tasks: [TaskRecord], rows: Int, labelWidth: Int, hasGroups: Bool) {
    self.rows = rows
    self.labelWidth = labelWidth
    kept = tasks.map { KeptRows(width: $0.width, groups: hasGroups ? [] : nil) }
    for (k, task) in tasks.enumerated() where task.labelColumn != nil {
      kept[k].predictions.reserveCapacity(rows * task.width)
      kept[k].labels.reserveCapacity(rows)
    }
  }

  /// Takes a row that counts for a task.
  @inline(__always)
  package mutating func add(
    task: Int, _ predictions: ArraySlice<Float>, _ label: Float, group: UInt64?
  ) {
    if predictions.count == 1, let prediction = predictions.first {
      kept[task].predictions.append(prediction)
    } else {
      kept[task].predictions += predictions
    }
    kept[task].labels.append(label)
    if let group { kept[task].groups?.append(group) }
  }

  /// The metrics of the tasks.
  ///
  /// - Parameter seconds: What the predictions took.
  package func report(_ tasks: [TaskRecord], seconds: Double) -> EvaluationReport {
    EvaluationReport(
      rows: rows, seconds: seconds,
      tasks: tasks.indices.map { k in
        TaskMetrics.unlabelled(tasks[k], labelWidth: labelWidth)
          ?? TaskMetrics(task: tasks[k].name, kind: tasks[k].kind, kept[k])
      })
  }
}
