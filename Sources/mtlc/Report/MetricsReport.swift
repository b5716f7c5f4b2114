import Experiments
import Schema

/// The table of an evaluation.
enum MetricsReport {
  static let bestNote =
    "* the AUC of the true probabilities, which no model can beat but by chance"

  /// What a table shows for a metric: half of the confidence interval for its upper bound.
  private static func value(_ metric: Metric, _ task: TaskMetrics) -> MetricValue? {
    guard metric == .aucHigh, let low = task[.aucLow]?.value, let high = task[.aucHigh]?.value
    else { return task[metric] }
    return .value((high - low) / 2)
  }

  /// - Parameter best: the best possible AUC of tasks for which it is known.
  static func text(_ report: EvaluationReport, on set: String, best: [BestAUC] = []) -> String {
    var text = "\(Format.count(report.rows)) \(set) rows\n"
    var notes: [String] = []
    for kind in ["binary", "multiclass", "regression"] {
      let tasks = report.tasks.filter { $0.kind.name == kind }
      guard let first = tasks.first else { continue }
      let metrics = first.kind.columns.filter { metric in tasks.contains { $0[metric] != nil } }
      let showsBest = tasks.contains { task in best.contains { $0.task == task.task } }
      var head = ["task", "rows"] + metrics.map(\.title)
      if showsBest { head.insert("best*", at: 4) }
      let table = Table(head, tasks) { task in
        var row = [task.task, Format.count(task.rows)]
        row += metrics.map { metric in
          guard let value = value(metric, task) else { return "" }
          return value.value.map { Format.fixed($0, 4) } ?? "n/a"
        }
        if showsBest {
          let entry = best.first { $0.task == task.task }
          row.insert(entry.map { Format.fixed($0.auc, 4) } ?? "", at: 4)
        }
        return row
      }
      text += "\n" + table.text
      notes += tasks.flatMap { reasons($0, metrics) + groupNotes($0) }
      if showsBest { notes.append(bestNote) }
    }
    return notes.isEmpty ? text : text + "\n" + notes.joined(separator: "\n") + "\n"
  }

  /// Why metrics have no value, one line for each reason.
  private static func reasons(_ task: TaskMetrics, _ metrics: [Metric]) -> [String] {
    var reasons: [(reason: String, metrics: [String])] = []
    for metric in metrics {
      guard let reason = value(metric, task)?.reason else { continue }
      if let k = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[k].metrics.append(metric.title)
      } else {
        reasons.append((reason, [metric.title]))
      }
    }
    return reasons.map { "\(task.task): no \($0.metrics.joined(separator: ", ")): \($0.reason)" }
  }

  /// What the grouped AUC leaves out.
  private static func groupNotes(_ task: TaskMetrics) -> [String] {
    guard let grouped = task.grouped else { return [] }
    var note = "\(task.task): GAUC of \(Format.count(grouped.groups, "group"))"
    if grouped.oneClassGroups > 0 {
      note += "; \(Format.count(grouped.oneClassGroups)) with one class only are left out"
    }
    if grouped.rowsWithoutGroup > 0 {
      note += "; \(Format.count(grouped.rowsWithoutGroup)) rows are in no group"
    }
    return [note]
  }
}
