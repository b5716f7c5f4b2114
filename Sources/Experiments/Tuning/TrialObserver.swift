import Schema

/// Asks the training of a trial to stop when the time of the search is over, or when the search is asked
/// to stop. Of what happens in the training nothing is told.
struct TrialObserver: Observer {
  let deadline: ContinuousClock.Instant?
  let observer: any Observer

  var isOver: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
  var shouldStop: Bool { observer.shouldStop || isOver }

  func receive(_ event: Event) {}
}
