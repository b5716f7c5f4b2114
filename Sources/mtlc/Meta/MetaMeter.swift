import Runtime

/// Shows meta training as it goes: a bar on a terminal, and ten lines in all.
final class MetaMeter {
  private let steps: Int
  private let log: Log
  private let isShowing: Bool

  init(steps: Int, log: Log) {
    self.steps = steps
    self.log = log
    isShowing = Terminal.isErrorTerminal && !log.isQuiet
  }

  func show(_ step: Int, _ result: MetaStepResult) {
    guard isShowing else { return }
    ProgressLine.show(
      "step \(step)/\(steps) \(ProgressLine.bar(Double(step) / Double(steps)))"
        + "  query loss \(Format.fixed(result.loss, 4))")
  }

  /// The means of an interval.
  func finish(step: Int, loss: Double, accuracy: Double?, seconds: Double) {
    clear()
    var line = "step \(step)/\(steps)  query loss \(Format.fixed(loss, 4))"
    if let accuracy { line += "  accuracy \(Format.fixed(accuracy, 4))" }
    log.note(line + "  \(Format.fixed(1e3 * seconds, 1)) ms/step")
  }

  func clear() {
    if isShowing { ProgressLine.clear() }
  }
}
