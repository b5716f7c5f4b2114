import Experiments
import Schema
import Synchronization

/// Shows on standard error what an experiment does, unless `--quiet` asked for nothing: bars on a
/// terminal, and lines that stay.
final class TerminalObserver: Observer {
  private let isQuiet: Bool
  /// Whether bars are shown.
  private let isShowing: Bool
  /// Whether Ctrl-C is to end training in good order, instead of the process.
  private let listensToSignals: Bool
  private let outline = Mutex(TrainingOutline?.none)

  init(_ arguments: Arguments, listensToSignals: Bool = false) {
    isQuiet = arguments.has(.quiet)
    isShowing = Terminal.isErrorTerminal && !isQuiet
    self.listensToSignals = listensToSignals
  }

  var shouldStop: Bool { listensToSignals && StopSignal.wasReceived }

  func note(_ text: String) {
    if !isQuiet { Terminal.error(text) }
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
    case .reading(let progress): show(ReadingText.bar(progress))
    case .read(let summary):
      clear()
      note(ReadingText.line(summary))
    case .trainingStarts(let outline):
      self.outline.withLock { $0 = outline }
      if listensToSignals { StopSignal.listen() }
    case .progress(let status):
      guard isShowing, let outline = outline.withLock({ $0 }) else { return }
      show(TrainingLine.bar(status, outline))
    case .epoch(let report):
      clear()
      guard !isQuiet, let outline = outline.withLock({ $0 }) else { return }
      note(TrainingLine.epoch(report, outline))
    case .evaluation(let evaluation):
      clear()
      note("step \(evaluation.step)  \(EpisodeText.line(evaluation.metrics, on: evaluation.data))")
    case .trainingEnds: clear()
    }
  }
}
