import Schema

/// Tells an observer how far the reading of files has come.
final class ReadingMeter: Sendable {
  private let title: String
  private let verb: String
  private let totalBytes: Int
  private let observer: any Observer
  private let start = ContinuousClock.now
  private let state = Guarded(State())

  private struct State {
    var told = ContinuousClock.now
    var bytes = 0
  }

  /// - Parameter verb: What was done with the rows, for the summary.
  init(_ title: String, files: [String], verb: String = "read", _ observer: any Observer) {
    self.title = title
    self.verb = verb
    self.observer = observer
    totalBytes = files.reduce(0) { sum, file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      return sum + ((attributes?[.size] as? Int) ?? 0)
    }
  }

  /// For `ReadOptions.progress`.
  var callback: @Sendable (Int) -> Void { { self.update($0) } }

  private func update(_ bytes: Int) {
    let isDue = state.withLock { state in
      state.bytes = max(state.bytes, bytes)
      let now = ContinuousClock.now
      guard now - state.told > .milliseconds(100) else { return false }
      state.told = now
      return true
    }
    guard isDue else { return }
    observer.receive(.reading(title: title, bytes: bytes, totalBytes: totalBytes))
  }

  func finish(rows: Int) {
    let bytes = state.withLock(\.bytes)
    observer.receive(
      .read(
        verb: bytes > 0 ? verb : "opened", rows: rows, bytes: bytes,
        seconds: (ContinuousClock.now - start).seconds))
  }
}
