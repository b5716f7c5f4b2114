import Experiments
import Runtime
import Schema

/// Training as it goes, in a line.
enum TrainingLine {
  static func bar(_ status: TrainingStatus, _ outline: TrainingOutline) -> String {
    let share = status.rowsInEpoch > 0 ? Double(status.rows) / Double(status.rowsInEpoch) : 1
    return "epoch \(status.epoch)/\(status.epochs) \(ProgressLine.bar(share))"
      + "  \(Format.short(status.rowsPerSecond)) rows/s"
      + "  loss \(losses(status.loss, status.taskLosses, outline))"
      + "  \(Format.time(status.secondsLeft)) left"
  }

  static func epoch(_ report: EpochReport, _ outline: TrainingOutline) -> String {
    var line = "epoch \(report.epoch)/\(outline.epochs)"
    line += "  loss \(losses(report.loss, report.taskLosses, outline))"
    line += "  \(Format.short(report.rowsPerSecond)) rows/s"
    if outline.hasSchedule { line += "  rate \(Format.scientific(report.learningRate))" }
    if outline.weighsTasks {
      let shown = zip(outline.tasks, report.taskWeights).compactMap { task, weight in
        weight.map { "\(task) \(Format.fixed($0, 3))" }
      }
      line += "  weights " + shown.joined(separator: ", ")
    }
    if let validation = report.validation {
      line += "  validation " + validation.tasks.map(headline).joined(separator: ", ")
    }
    return line
  }

  private static func losses(
    _ total: Double, _ parts: [Double?], _ outline: TrainingOutline
  ) -> String {
    let shown = zip(outline.tasks, parts).compactMap { task, loss in
      loss.map { "\(task) \(Format.fixed($0, 4))" }
    }
    let list = shown.joined(separator: ", ")
    return Format.fixed(total, 4) + (shown.isEmpty ? "" : " (\(list))")
  }

  /// A task's first metric, as `click AUC 0.7312`.
  private static func headline(_ metrics: TaskMetrics) -> String {
    guard let entry = metrics.entries.first else { return metrics.task }
    let value = entry.value.value.map { Format.fixed($0, 4) } ?? "n/a"
    return "\(metrics.task) \(entry.metric.title) \(value)"
  }
}
