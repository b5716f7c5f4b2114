import Experiments
import Schema

/// How well a model adapts, as text and as JSON.
enum EpisodeText {
  /// In one line, for progress.
  static func line(_ metrics: EpisodeMetrics, on data: EpisodeEvaluation.Data) -> String {
    var parts: [String] = []
    if let accuracy = metrics.accuracy {
      parts.append("\(data.rawValue) accuracy \(text(accuracy))")
    }
    for task in metrics.tasks {
      guard let before = task.before, let after = task.after else { continue }
      parts.append(
        "\(task.name) \(task.metric.title) \(Format.fixed(before, 4)) → \(Format.fixed(after, 4))")
    }
    parts.append("query loss \(text(metrics.loss))")
    return parts.joined(separator: "  ") + " over \(Format.count(metrics.episodes)) episodes"
  }

  private static func text(_ mean: EpisodeMetrics.Mean) -> String {
    "\(Format.fixed(mean.value, 4)) ± \(Format.fixed(mean.margin, 4))"
  }

  /// - Parameter best: The best possible AUC of tasks for which it is known.
  static func text(
    _ metrics: EpisodeMetrics, on data: EpisodeEvaluation.Data, best: [BestAUC] = []
  ) -> String {
    guard !metrics.tasks.isEmpty else { return line(metrics, on: data) }
    var text = "\(Format.count(metrics.episodes)) \(data.rawValue) groups"
    if let before = metrics.lossBefore {
      text +=
        "; query loss \(Self.text(before)) before adaptation, \(Self.text(metrics.loss)) after"
    }
    let known = metrics.tasks.contains { task in best.contains { $0.task == task.name } }
    var head = ["task", "query rows", "metric", "before adaptation", "after"]
    if known { head.append("best*") }
    var table = Table(head, left: [0, 2])
    for task in metrics.tasks {
      var row = [
        task.name, Format.count(task.rows), task.metric.title,
        task.before.map { Format.fixed($0, 4) } ?? "n/a",
        task.after.map { Format.fixed($0, 4) } ?? "n/a",
      ]
      if known {
        row.append(best.first { $0.task == task.name }.map { Format.fixed($0.auc, 4) } ?? "")
      }
      table.rows.append(row)
    }
    text += "\n\n" + table.text
    if known {
      text += "\n* the AUC of the true probabilities, which no model can beat but by chance\n"
    }
    return text
  }

  static func json(_ metrics: EpisodeMetrics, best: [BestAUC] = []) -> JSON {
    var members: [(String, JSON)] = [
      ("episodes", .integer(metrics.episodes)), ("loss", .number(metrics.loss.value)),
      ("loss_margin", .number(metrics.loss.margin)),
    ]
    if let before = metrics.lossBefore { members.append(("loss_before", .number(before.value))) }
    if let accuracy = metrics.accuracy {
      members += [
        ("accuracy", .number(accuracy.value)), ("accuracy_margin", .number(accuracy.margin)),
      ]
    }
    if !metrics.tasks.isEmpty {
      let entries = metrics.tasks.map { task in
        var values: [(String, JSON)] = [
          ("metric", .string(task.metric.name)), ("rows", .integer(task.rows)),
          ("before", .optional(task.before)), ("after", .optional(task.after)),
        ]
        if let best = best.first(where: { $0.task == task.name }) {
          values.append(("best", .number(best.auc)))
        }
        return (task.name, JSON.object(values))
      }
      members.append(("tasks", .object(entries)))
    }
    return .object(members)
  }

  /// Losses and evaluations of a run; without times, so that equal runs give equal text.
  static func json(_ run: Run) -> [(String, JSON)] {
    [
      (
        "history",
        .array(
          run.training.epochs.map {
            .object([
              ("step", .integer($0.step)), ("loss", .number($0.loss)),
              ("accuracy", .optional($0.accuracy)),
            ])
          })
      ),
      (
        "evaluations",
        .array(
          run.training.evaluations.map {
            .object([
              ("step", .integer($0.step)), ($0.data.rawValue, json($0.metrics, best: run.best)),
            ])
          })
      ),
    ]
  }
}
