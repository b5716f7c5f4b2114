import Experiments
import Schema

/// The table and the JSON of an evaluation.
enum MetricsReport {
  /// The tasks of one kind, and the metrics that the table shows of them.
  private struct Kind {
    var tasks: [TaskMetrics]
    var metrics: [Metric]

    static func all(_ tasks: [TaskMetrics]) -> [Kind] {
      var kinds: [Kind] = []
      for name in ["binary", "multiclass", "regression"] {
        let own = tasks.filter { $0.kind.name == name }
        guard let first = own.first else { continue }
        let shown = first.kind.columns.filter { metric in own.contains { $0[metric] != nil } }
        kinds.append(Kind(tasks: own, metrics: shown))
      }
      return kinds
    }
  }

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
    for kind in Kind.all(report.tasks) {
      let showsBest = kind.tasks.contains { task in best.contains { $0.task == task.task } }
      var head = ["task", "rows"] + kind.metrics.map(\.title)
      if showsBest { head.insert("best*", at: 4) }
      var table = Table(head)
      for task in kind.tasks {
        var row = [task.task, Format.count(task.rows)]
        var reasons: [(reason: String, metrics: [String])] = []
        for metric in kind.metrics {
          switch value(metric, task) {
          case .value(let value): row.append(Format.fixed(value, 4))
          case .undefined(let reason):
            row.append("n/a")
            if let k = reasons.firstIndex(where: { $0.reason == reason }) {
              reasons[k].metrics.append(metric.title)
            } else {
              reasons.append((reason, [metric.title]))
            }
          case nil: row.append("")
          }
        }
        notes += reasons.map {
          "\(task.task): no \($0.metrics.joined(separator: ", ")): \($0.reason)"
        }
        notes += groupNotes(task)
        if showsBest {
          let entry = best.first { $0.task == task.task }
          row.insert(entry.map { Format.fixed($0.auc, 4) } ?? "", at: 4)
        }
        table.rows.append(row)
      }
      text += "\n" + table.text
      if showsBest {
        notes.append("* the AUC of the true probabilities, which no model can beat but by chance")
      }
    }
    return notes.isEmpty ? text : text + "\n" + notes.joined(separator: "\n") + "\n"
  }

  /// What the grouped AUC leaves out.
  private static func groupNotes(_ task: TaskMetrics) -> [String] {
    guard let grouped = task.grouped else { return [] }
    var left: [String] = []
    if grouped.oneClassGroups > 0 {
      left.append("\(Format.count(grouped.oneClassGroups)) with one class only are left out")
    }
    if grouped.rowsWithoutGroup > 0 {
      left.append("\(Format.count(grouped.rowsWithoutGroup)) rows are in no group")
    }
    return [
      "\(task.task): GAUC of \(Format.count(grouped.groups)) groups"
        + (left.isEmpty ? "" : "; " + left.joined(separator: "; "))
    ]
  }

  static func json(_ report: EvaluationReport, on set: String, best: [BestAUC] = []) -> JSON {
    .object([
      ("set", .string(set)), ("rows", .integer(report.rows)),
      (
        "tasks",
        .object(
          report.tasks.map { task in
            var members: [(String, JSON)] = [
              ("kind", .string(task.kind.name)), ("rows", .integer(task.rows)),
            ]
            for entry in task.entries {
              members.append((entry.name, .optional(entry.value.value)))
              if let reason = entry.value.reason {
                members.append(("\(entry.name)_undefined", .string(reason)))
              }
            }
            if let grouped = task.grouped {
              members += [
                ("groups", .integer(grouped.groups)),
                ("one_class_groups", .integer(grouped.oneClassGroups)),
                ("rows_without_group", .integer(grouped.rowsWithoutGroup)),
              ]
            }
            if let entry = best.first(where: { $0.task == task.task }) {
              members.append(("best_auc", .number(entry.auc)))
            }
            return (task.task, .object(members))
          })
      ),
    ])
  }

  /// Losses of the epochs; without times, so that equal runs give equal text.
  static func json(_ report: TrainingReport, tasks: [String]) -> JSON {
    .array(
      report.epochs.map { epoch in
        var members: [(String, JSON)] = [
          ("epoch", .integer(epoch.epoch)), ("rows", .integer(epoch.rows)),
          ("loss", .number(epoch.loss)),
          (
            "task_losses",
            .object(zip(tasks, epoch.taskLosses).map { ($0, .optional($1)) })
          ),
          (
            "task_weights",
            .object(
              zip(tasks, epoch.taskWeights).compactMap { task, weight in
                weight.map { (task, .number($0)) }
              })
          ),
          ("learning_rate", .number(epoch.learningRate)),
        ]
        if let validation = epoch.validation {
          members.append(("validation", json(validation, on: "validation")))
        }
        return .object(members)
      })
  }
}
