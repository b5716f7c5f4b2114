import Plan
import Runtime
import Schema

/// Shows training as it goes: a bar on a terminal, and a line for each epoch.
final class TrainingMeter {
  private let tasks: [String]
  private let epochs: Int
  private let log: Log
  private let isShowing: Bool
  private let showsLearningRate: Bool
  private let showsWeights: Bool

  init(tasks: [String], settings: TrainingSettings, log: Log) {
    self.tasks = tasks
    epochs = settings.epochs
    showsLearningRate = !settings.schedule.isConstant
    showsWeights = settings.taskWeighting != .fixed
    self.log = log
    isShowing = Terminal.isErrorTerminal && !log.isQuiet
  }

  func show(_ status: TrainingStatus) {
    guard isShowing else { return }
    let share = status.rowsInEpoch > 0 ? Double(status.rows) / Double(status.rowsInEpoch) : 1
    ProgressLine.show(
      "epoch \(status.epoch)/\(status.epochs) \(ProgressLine.bar(share))"
        + "  \(Format.short(status.rowsPerSecond)) rows/s"
        + "  loss \(losses(status.loss, status.taskLosses))"
        + "  \(Format.time(status.secondsLeft)) left")
  }

  func finish(_ report: EpochReport) {
    clear()
    var line = "epoch \(report.epoch)/\(epochs)  loss \(losses(report.loss, report.taskLosses))"
    line += "  \(Format.short(report.rowsPerSecond)) rows/s"
    if showsLearningRate { line += "  rate \(Format.scientific(report.learningRate))" }
    if showsWeights {
      let shown = zip(tasks, report.taskWeights).compactMap { task, weight in
        weight.map { "\(task) \(Format.fixed($0, 3))" }
      }
      line += "  weights " + shown.joined(separator: ", ")
    }
    if let validation = report.validation {
      line += "  validation " + validation.tasks.map(Self.headline).joined(separator: ", ")
    }
    log.note(line)
  }

  func clear() {
    if isShowing { ProgressLine.clear() }
  }

  private func losses(_ total: Double, _ parts: [Double?]) -> String {
    let shown = zip(tasks, parts).compactMap { task, loss in
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
