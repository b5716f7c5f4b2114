import Experiments
import Schema

/// Training as it goes, in a line.
enum TrainingLine {
  static func bar(_ status: TrainingStatus, _ outline: TrainingOutline) -> String {
    let share = status.rowsInEpoch > 0 ? Double(status.rows) / Double(status.rowsInEpoch) : 1
    if let steps = outline.metaSteps {
      return "step \(status.step)/\(steps) \(ProgressLine.bar(share))"
        + "  query loss \(Format.fixed(status.loss, 4))"
        + "  \(Format.time(status.secondsLeft)) left"
    }
    return "epoch \(status.epoch)/\(status.epochs) \(ProgressLine.bar(share))"
      + "  \(Format.short(status.rowsPerSecond)) rows/s"
      + "  loss \(losses(status.loss, status.taskLosses, outline))"
      + "  \(Format.time(status.secondsLeft)) left"
  }

  static func epoch(_ report: EpochReport, _ outline: TrainingOutline) -> String {
    if let steps = outline.metaSteps { return part(report, of: steps, outline) }
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

  /// A part of a run on episodes.
  private static func part(
    _ report: EpochReport, of steps: Int, _ outline: TrainingOutline
  ) -> String {
    var line = "step \(report.step)/\(steps)  query loss \(Format.fixed(report.loss, 4))"
    if let accuracy = report.accuracy { line += "  accuracy \(Format.fixed(accuracy, 4))" }
    if outline.hasSchedule { line += "  rate \(Format.scientific(report.learningRate))" }
    let perStep = report.seconds * Double(outline.episodesPerStep) / Double(max(1, report.rows))
    return line + "  \(Format.fixed(1e3 * perStep, 1)) ms/step"
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
