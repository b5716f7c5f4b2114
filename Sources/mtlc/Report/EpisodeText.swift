import Experiments
import Schema

/// How well a model adapts, as text.
enum EpisodeText {
  /// In one line, for progress.
  static func line(
    _ report: EvaluationReport, _ episodes: EpisodeMetrics, on set: RowSet
  ) -> String {
    var parts: [String] = []
    if let accuracy = episodes.accuracy {
      parts.append("\(set.rawValue) accuracy \(text(accuracy))")
    }
    for task in report.adaptations {
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
      left: [0, 2], report.adaptations
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
}
