import Experiments
import Schema

/// How well a model adapts, as text and as JSON.
enum EpisodeText {
  /// A task of rows, before the inner loop and after it.
  private typealias Task = (metrics: TaskMetrics, metric: Metric, before: Double?, after: Double?)

  private static func tasks(_ report: EvaluationReport, _ episodes: EpisodeMetrics) -> [Task] {
    zip(report.tasks, episodes.before).compactMap { after, before in
      after.entries.first.map {
        (after, $0.metric, before[$0.metric]?.value, $0.value.value)
      }
    }
  }

  /// In one line, for progress.
  static func line(
    _ report: EvaluationReport, _ episodes: EpisodeMetrics, on set: RowSet
  ) -> String {
    var parts: [String] = []
    if let accuracy = episodes.accuracy {
      parts.append("\(set.rawValue) accuracy \(text(accuracy))")
    }
    for task in tasks(report, episodes) {
      guard let before = task.before, let after = task.after else { continue }
      parts.append(
        "\(task.metrics.task) \(task.metric.title) \(Format.fixed(before, 4)) →"
          + " \(Format.fixed(after, 4))")
    }
    parts.append("query loss \(text(episodes.loss))")
    return parts.joined(separator: "  ") + " over \(Format.count(episodes.episodes)) episodes"
  }

  private static func text(_ mean: EpisodeMetrics.Mean) -> String {
    "\(Format.fixed(mean.value, 4)) ± \(Format.fixed(mean.margin, 4))"
  }

  /// - Parameter best: The best possible AUC of tasks for which it is known.
  static func text(
    _ report: EvaluationReport, _ episodes: EpisodeMetrics, on set: RowSet, best: [BestAUC] = []
  ) -> String {
    guard !report.tasks.isEmpty else { return line(report, episodes, on: set) }
    var text = Format.count(episodes.episodes, "\(set.rawValue) group")
    if let before = episodes.lossBefore {
      text +=
        "; query loss \(Self.text(before)) before adaptation, \(Self.text(episodes.loss)) after"
    }
    func limit(_ task: TaskMetrics) -> BestAUC? { best.first { $0.task == task.task } }
    let known = report.tasks.contains { limit($0) != nil }
    let table = Table(
      ["task", "query rows", "metric", "before adaptation", "after"] + (known ? ["best*"] : []),
      left: [0, 2], tasks(report, episodes)
    ) { task in
      [
        task.metrics.task, Format.count(task.metrics.rows), task.metric.title,
        task.before.map { Format.fixed($0, 4) } ?? "n/a",
        task.after.map { Format.fixed($0, 4) } ?? "n/a",
      ] + (known ? [limit(task.metrics).map { Format.fixed($0.auc, 4) } ?? ""] : [])
    }
    text += "\n\n" + table.text
    return known ? "\(text)\n\(MetricsReport.bestNote)\n" : text
  }

  static func json(
    _ report: EvaluationReport, _ episodes: EpisodeMetrics, best: [BestAUC] = []
  ) -> JSON {
    let tasks = JSON.object(tasks(report, episodes)) { task in
      let best = best.first { $0.task == task.metrics.task }
      return (
        task.metrics.task,
        [
          "metric": task.metric.name, "rows": task.metrics.rows, "before": task.before,
          "after": task.after,
        ] + best.map { ["best": $0.auc] }
      )
    }
    return [
      "episodes": episodes.episodes, "loss": episodes.loss.value,
      "loss_margin": episodes.loss.margin,
    ] + episodes.lossBefore.map { ["loss_before": $0.value] }
      + episodes.accuracy.map { ["accuracy": $0.value, "accuracy_margin": $0.margin] }
      + (report.tasks.isEmpty ? nil : ["tasks": tasks])
  }

  /// Losses and evaluations of a run; without times, so that equal runs give equal text.
  static func json(_ run: Run) -> JSON {
    let history: [JSON] = run.training.epochs.map {
      ["step": $0.step, "loss": $0.loss, "accuracy": $0.accuracy]
    }
    let evaluations: [JSON] = run.training.evaluations.map { evaluation in
      [
        "step": evaluation.step,
        evaluation.set.rawValue: evaluation.report.episodes.map {
          json(evaluation.report, $0, best: run.best)
        },
      ]
    }
    return ["history": history, "evaluations": evaluations]
  }
}
