import Foundation
import Schema
import Synchronization

/// Shows how far the reading of files has come.
final class ReadingMeter: Sendable {
  private let title: String
  private let verb: String
  private let total: Int
  private let log: Log
  private let start = ContinuousClock.now
  private let state = Mutex(State())
  private let isShowing: Bool

  private struct State {
    var shown = ContinuousClock.now
    var bytes = 0
  }

  /// - Parameter verb: what was done with the rows, for the last line.
  init(_ title: String, files: [String], verb: String = "read", log: Log) {
    self.title = title
    self.verb = verb
    self.log = log
    total = files.reduce(0) { sum, file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      return sum + ((attributes?[.size] as? Int) ?? 0)
    }
    isShowing = Terminal.isErrorTerminal && !log.isQuiet
  }

  /// For `ReadOptions.progress`.
  var callback: @Sendable (Int) -> Void { { self.update($0) } }

  private func update(_ bytes: Int) {
    let isDue = state.withLock { state in
      state.bytes = max(state.bytes, bytes)
      guard isShowing else { return false }
      let now = ContinuousClock.now
      guard now - state.shown > .milliseconds(100) else { return false }
      state.shown = now
      return true
    }
    guard isDue else { return }
    let share = total > 0 ? min(1, Double(bytes) / Double(total)) : 0
    ProgressLine.show("\(title) \(ProgressLine.bar(share)) \(Format.bytes(bytes))")
  }

  /// Opening a cache takes milliseconds.
  private static func text(_ seconds: Double) -> String {
    seconds < 0.1 ? Format.fixed(1000 * seconds, 1) + " ms" : Format.fixed(seconds, 2) + " s"
  }

  /// Says how many rows there are now, and of how much text: of none where a cache held them.
  func finish(rows: Int) {
    if isShowing { ProgressLine.clear() }
    let seconds = (ContinuousClock.now - start).seconds
    let bytes = state.withLock(\.bytes)
    log.note(
      "\(bytes > 0 ? verb : "opened") \(Format.count(rows, "row")) in \(Self.text(seconds))"
        + (bytes > 0 ? " (\(Format.bytes(bytes)))" : ""))
  }
}
