import Data
import Plan
import Runtime

/// The table and the JSON of an evaluation.
enum MetricsReport {
  private static let binary = ["base_rate", "auc", "log_loss", "accuracy", "mean_prediction"]
  private static let regression = ["mean_label", "rmse", "mae", "mean_prediction"]

  static func title(_ metric: String) -> String {
    switch metric {
    case "auc": "AUC"
    case "rmse": "RMSE"
    case "mae": "MAE"
    default: metric.replacing("_", with: " ")
    }
  }

  /// - Parameter best: the best possible AUC of tasks for which it is known.
  static func text(_ report: EvaluationReport, on set: String, best: [BestAUC] = []) -> String {
    var text = "\(Format.count(report.rows)) \(set) rows\n\n"
    var notes: [String] = []
    for (kind, metrics) in [(TaskRecord.Kind.binary, binary), (.regression, regression)] {
      let tasks = report.tasks.filter { $0.kind == kind }
      guard !tasks.isEmpty else { continue }
      let showsBest =
        kind == .binary && tasks.contains { task in best.contains { $0.task == task.task } }
      var head = ["task", "rows"] + metrics.map(title)
      if showsBest { head.insert("best*", at: 4) }
      var table = Table(head)
      for task in tasks {
        var row = [task.task, Format.count(task.rows)]
        for metric in metrics {
          switch task[metric] {
          case .value(let value): row.append(Format.fixed(value, 4))
          case .undefined(let reason):
            row.append("n/a")
            notes.append("\(task.task): no \(title(metric)): \(reason)")
          case nil: row.append("")
          }
        }
        if showsBest {
          let entry = best.first { $0.task == task.task }
          row.insert(entry.map { Format.fixed($0.auc, 4) } ?? "", at: 4)
        }
        table.rows.append(row)
      }
      text += table.text
      if showsBest {
        notes.append("* the AUC of the true probabilities, which no model can beat but by chance")
      }
    }
    return notes.isEmpty ? text : text + "\n" + notes.joined(separator: "\n") + "\n"
  }

  static func json(_ report: EvaluationReport, on set: String, best: [BestAUC] = []) -> JSON {
    .object([
      ("set", .string(set)), ("rows", .integer(report.rows)),
      (
        "tasks",
        .object(
          report.tasks.map { task in
            var members: [(String, JSON)] = [
              ("kind", .string("\(task.kind)")), ("rows", .integer(task.rows)),
            ]
            for entry in task.entries {
              members.append((entry.name, .optional(entry.value.value)))
              if let reason = entry.value.reason {
                members.append(("\(entry.name)_undefined", .string(reason)))
              }
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
          ("learning_rate", .number(epoch.learningRate)),
        ]
        if let validation = epoch.validation {
          members.append(("validation", json(validation, on: "validation")))
        }
        return .object(members)
      })
  }
}
