import Experiments
import Schema

/// The table of `mtlc importance`.
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
}
