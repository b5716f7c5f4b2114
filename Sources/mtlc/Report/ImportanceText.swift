import Experiments
import Schema

/// The table and the JSON of `mtlc importance`.
enum ImportanceText {
  static func text(_ report: ImportanceReport) -> String {
    let head =
      ["feature"] + report.tasks.flatMap { ["\($0.name) \($0.metric.title)", "±"] }
    var rows = [
      ["all as they are"]
        + report.tasks.flatMap { [$0.value.value.map { Format.fixed($0, 4) } ?? "n/a", ""] }
    ]
    rows += report.entries.map { entry in
      [entry.features.joined(separator: ", ")]
        + entry.losses.enumerated().flatMap { place, loss in
          let sign = report.tasks[place].metric.better == .lower ? 1.0 : -1.0
          return loss.map { [signed(sign * $0.mean), Format.fixed($0.error, 4)] } ?? ["n/a", ""]
        }
    }
    var text =
      "\(Format.count(report.rows)) rows, \(Format.count(report.repetitions, "order")) for each feature\n\n"
    text += Table(head, rows: rows).text
    let reasons = report.tasks.compactMap { task in
      task.value.reason.map { "\(task.name): no \(task.metric.title): \($0)" }
    }
    return reasons.isEmpty ? text : text + "\n" + reasons.joined(separator: "\n") + "\n"
  }

  /// What becomes of the metric: `−0.0123`.
  private static func signed(_ change: Double) -> String {
    let text = Format.fixed(abs(change), 4)
    return change < 0 && text != "0.0000" ? "−\(text)" : text == "0.0000" ? text : "+\(text)"
  }

  static func json(_ report: ImportanceReport) -> JSON {
    let tasks = JSON.object(report.tasks) { task in
      let value: JSON = ["metric": task.metric.name, "value": task.value.value]
      return (task.name, value)
    }
    let features = report.entries.map { entry -> JSON in
      let losses = JSON.object(Array(zip(report.tasks, entry.losses))) { task, loss in
        let value: JSON = ["loss": loss?.mean, "error": loss?.error]
        return (task.name, value)
      }
      return ["features": entry.features, "tasks": losses]
    }
    return [
      "rows": report.rows, "repetitions": report.repetitions, "tasks": tasks, "features": features,
    ]
  }
}
