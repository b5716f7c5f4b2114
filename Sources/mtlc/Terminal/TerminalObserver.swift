import Experiments
import Schema

/// Shows on standard error what an experiment does, unless `--quiet` asked for nothing: bars on a
/// terminal, and lines that stay.
final class TerminalObserver: Observer {
  private let isQuiet: Bool
  /// Whether bars are shown.
  private let isShowing: Bool
  /// Whether Ctrl-C is to end training in good order, instead of the process.
  private let listensToSignals: Bool
  private let plan = Guarded(CompiledPlan?.none)

  init(_ arguments: Arguments, listensToSignals: Bool = false) {
    isQuiet = arguments.has(.quiet)
    isShowing = Terminal.isErrorTerminal && !isQuiet
    self.listensToSignals = listensToSignals
  }

  var shouldStop: Bool { listensToSignals && StopSignal.wasReceived }

  func note(_ text: String) {
    if !isQuiet { Terminal.error(MessageText.message(text)) }
  }

  /// Replaces the line of a bar.
  func show(_ text: String) {
    if isShowing { ProgressLine.show(text) }
  }

  func clear() {
    if isShowing { ProgressLine.clear() }
  }

  func receive(_ event: Event) {
    switch event {
    case .note(let text): note(text)
    case .warning(let text): note("warning: \(text)")
    case .reading(let title, let bytes, let total): show(ReadingText.bar(title, bytes, of: total))
    case .read(let verb, let rows, let bytes, let seconds):
      clear()
      note(ReadingText.line(verb, rows: rows, bytes: bytes, seconds: seconds))
    case .trainingStarts(let plan):
      self.plan.withLock { $0 = plan }
      if listensToSignals { StopSignal.listen() }
    case .progress(let status):
      guard isShowing, let plan = plan.withLock({ $0 }) else { return }
      show(TrainingLine.bar(status, plan))
    case .epoch(let report):
      clear()
      guard !isQuiet, let plan = plan.withLock({ $0 }) else { return }
      note(TrainingLine.epoch(report, plan))
    case .evaluation(let evaluation):
      clear()
      guard let episodes = evaluation.report.episodes else { return }
      let line = EpisodeText.line(evaluation.report, episodes, on: evaluation.set)
      note("step \(evaluation.step)  \(line)")
    case .moment: break
    case .trainingEnds: clear()
    case .fold(let fold, let count):
      note(
        "fold \(fold.number)/\(count)  \(TrainingLine.headlines(fold.metrics))"
          + "  (\(Format.fixed(fold.seconds, 1)) s)")
    case .trial(let result): note(TuningText.line(result))
    }
  }
}
