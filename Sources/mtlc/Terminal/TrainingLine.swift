import Experiments
import Schema

/// Training as it goes, in a line.
enum TrainingLine {
  static func bar(_ status: TrainingStatus, _ compiled: CompiledPlan) -> String {
    let share = status.rowsInEpoch > 0 ? Double(status.rows) / Double(status.rowsInEpoch) : 1
    if let episodes = compiled.plan.episodes {
      return "step \(status.step)/\(episodes.steps) \(ProgressLine.bar(share))"
        + "  query loss \(Format.fixed(status.loss, 4))"
        + "  \(Format.time(status.secondsLeft)) left"
    }
    return "epoch \(status.epoch)/\(status.epochs) \(ProgressLine.bar(share))"
      + "  \(Format.short(status.rowsPerSecond)) rows/s"
      + "  loss \(losses(status.loss, status.taskLosses, compiled))"
      + "  \(Format.time(status.secondsLeft)) left"
  }

  static func epoch(_ report: EpochReport, _ compiled: CompiledPlan) -> String {
    let (plan, training) = (compiled.plan, compiled.plan.training)
    let rate =
      training.schedule.isConstant ? "" : "  rate \(Format.scientific(report.learningRate))"
    if let episodes = plan.episodes {
      var line = "step \(report.step)/\(episodes.steps)"
      line += "  query loss \(Format.fixed(report.loss, 4))"
      if let accuracy = report.accuracy { line += "  accuracy \(Format.fixed(accuracy, 4))" }
      let perStep = report.seconds * Double(episodes.tasksPerStep) / Double(max(1, report.rows))
      return line + rate + "  \(Format.fixed(1e3 * perStep, 1)) ms/step"
    }
    var line = "epoch \(report.epoch)/\(training.epochs)"
    line += "  loss \(losses(report.loss, report.taskLosses, compiled))"
    line += "  \(Format.short(report.rowsPerSecond)) rows/s" + rate
    if training.taskWeighting != .fixed {
      let shown = zip(plan.tasks, report.taskWeights).compactMap { task, weight in
        weight.map { "\(task.name) \(Format.fixed($0, 3))" }
      }
      line += "  weights " + shown.joined(separator: ", ")
    }
    if let validation = report.validation {
      line += "  validation " + headlines(validation)
      if let watched = training.earlyStopping {
        let value = watched.value(of: validation.tasks)
        line += "; \(watched.metric) \(value.map { Format.fixed($0, 4) } ?? "n/a")"
      }
    }
    return line
  }

  private static func losses(
    _ total: Double, _ parts: [Double?], _ compiled: CompiledPlan
  ) -> String {
    let shown = zip(compiled.plan.tasks, parts).compactMap { task, loss in
      loss.map { "\(task.name) \(Format.fixed($0, 4))" }
    }
    let list = shown.joined(separator: ", ")
    return Format.fixed(total, 4) + (shown.isEmpty ? "" : " (\(list))")
  }

  /// Each task's first metric.
  static func headlines(_ report: EvaluationReport) -> String {
    report.tasks.map(headline).joined(separator: ", ")
  }

  /// A task's first metric, as `click AUC 0.7312`.
  private static func headline(_ metrics: TaskMetrics) -> String {
    guard let entry = metrics.entries.first else { return metrics.task }
    let value = entry.value.value.map { Format.fixed($0, 4) } ?? "n/a"
    return "\(metrics.task) \(entry.metric.title) \(value)"
  }
}
