import Plan
import Schema

/// What metrics are computed from: by task the predictions and labels of the rows that count.
package struct EvaluationScores: Sendable {
  private struct Kept: Sendable {
    /// As many for each row as the task has outputs.
    var predictions: [Float] = []
    var labels: [Float] = []
    var groups: [UInt64] = []
  }

  /// Rows that were predicted, those included that count for no task.
  private var rows: Int
  private let labelWidth: Int
  private let hasGroups: Bool
  private var kept: [Kept]

  /// - Parameters:
  ///   - labelWidth: The columns of labels that the rows have.
  ///   - hasGroups: Whether the rows are grouped.
  init(_ tasks: [TaskRecord], rows: Int, labelWidth: Int, hasGroups: Bool) {
    self.rows = rows
    self.labelWidth = labelWidth
    self.hasGroups = hasGroups
    kept = tasks.map { _ in Kept() }
    for (k, task) in tasks.enumerated() where task.labelColumn != nil {
      kept[k].predictions.reserveCapacity(rows * task.width)
      kept[k].labels.reserveCapacity(rows)
    }
  }

  /// Takes a row that counts for a task.
  @inline(__always)
  mutating func add(
    task: Int, _ predictions: ArraySlice<Float>, _ label: Float, group: UInt64?
  ) {
    if predictions.count == 1, let prediction = predictions.first {
      kept[task].predictions.append(prediction)
    } else {
      kept[task].predictions += predictions
    }
    kept[task].labels.append(label)
    if let group { kept[task].groups.append(group) }
  }

  /// Takes the rows of another set behind its own. Both are of the same tasks and columns.
  package mutating func append(_ other: EvaluationScores) {
    rows += other.rows
    for k in kept.indices {
      kept[k].predictions += other.kept[k].predictions
      kept[k].labels += other.kept[k].labels
      kept[k].groups += other.kept[k].groups
    }
  }

  /// The metrics of the tasks.
  ///
  /// - Parameters:
  ///   - seconds: What the predictions took.
  ///   - isConcurrent: Whether each task may have a thread of its own.
  package func report(
    _ tasks: [TaskRecord], seconds: Double, isConcurrent: Bool = false
  ) -> EvaluationReport {
    func metrics(_ k: Int) -> TaskMetrics {
      guard let column = tasks[k].labelColumn else {
        return TaskMetrics.unlabelled(tasks[k], reason: "the task has no label")
      }
      guard column < labelWidth else {
        return TaskMetrics.unlabelled(tasks[k], reason: "the data has no labels")
      }
      return TaskMetrics(
        task: tasks[k].name, kind: tasks[k].kind, predictions: kept[k].predictions,
        labels: kept[k].labels, groups: hasGroups ? kept[k].groups : nil)
    }
    let places = Array(tasks.indices)
    return EvaluationReport(
      rows: rows, seconds: seconds,
      tasks: isConcurrent ? places.concurrentMap(metrics) : places.map(metrics))
  }
}
