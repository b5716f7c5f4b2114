import Experiments

/// Shows nothing; ends training in good order when a signal asks for it.
struct StopObserver: Observer {
  /// Whether a signal is to end training in good order, instead of the process.
  let listensToSignals: Bool

  var shouldStop: Bool { listensToSignals && StopSignal.wasReceived }

  func receive(_ event: Event) {
    if case .trainingStarts = event, listensToSignals { StopSignal.listen() }
  }
}
