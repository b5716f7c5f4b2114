import Schema

/// Passes on what is worth knowing of a training run that is one of several at a time, an event after the
/// other.
struct FoldObserver: Observer {
  private let name: String
  private let observer: any Observer
  private let turn: Guarded<Bool>

  /// - Parameters:
  ///   - name: What warnings begin with, as `fold 2`.
  ///   - turn: What the runs share.
  init(_ name: String, _ observer: any Observer, turn: Guarded<Bool>) {
    self.name = name
    self.observer = observer
    self.turn = turn
  }

  var shouldStop: Bool { observer.shouldStop }

  func receive(_ event: Event) {
    switch event {
    case .warning(let text): pass(.warning("\(name): \(text)"))
    case .fold: pass(event)
    case .reading, .read, .trainingStarts, .progress, .epoch, .evaluation, .trainingEnds, .trial,
      .moment, .note:
      break
    }
  }

  private func pass(_ event: Event) { turn.withLock { _ in observer.receive(event) } }
}
