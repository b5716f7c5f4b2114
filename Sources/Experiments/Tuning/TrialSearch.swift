import Data
import Schema

/// A search as it runs: batches of trainings, whose results are kept in the journal as they come in.
struct TrialSearch {
  let space: SearchSpace
  let objective: Objective
  private(set) var halving: SuccessiveHalving
  private let runner: TrialRunner
  private let journal: TrialJournal
  private let request: TuningRequest
  private let start: ContinuousClock.Instant
  private let threads: Int
  private let observer: any Observer
  private let deadline: ContinuousClock.Instant?

  /// Trials without a result after which the search is given up where all others failed too.
  private static let mostFailures = 24

  /// - Parameters:
  ///   - epochs: The most that settings are trained.
  ///   - start: When the search began, were it not interrupted.
  init(
    space: SearchSpace, objective: Objective, runner: TrialRunner, journal: TrialJournal,
    request: TuningRequest, epochs: Int, start: ContinuousClock.Instant, threads: Int,
    observer: any Observer
  ) {
    self.space = space
    self.objective = objective
    self.runner = runner
    self.journal = journal
    self.request = request
    self.start = start
    self.threads = threads
    self.observer = observer
    switch request.budget {
    case .trials(let count):
      halving = SuccessiveHalving(
        epochs: epochs, trials: count, keepsFirst: space.startsWithTheSpec)
      deadline = nil
    case .seconds(let seconds):
      halving = SuccessiveHalving(
        epochs: epochs, trials: .max, keepsFirst: space.startsWithTheSpec)
      deadline = start + .seconds(seconds)
    }
  }

  /// All results there are when the budget is spent. Throws an interruption when the observer asks to stop.
  mutating func run() throws -> [TrialResult] {
    var results: [TrialResult] = []
    while true {
      let jobs = halving.next(objective)
      let found = try run(jobs)
      for (job, result) in zip(jobs, found) {
        guard let result else { continue }
        halving.add(result, of: job)
        results.append(result)
      }
      if observer.shouldStop {
        let count = journal.known.count
        throw ExperimentError(
          .interrupted,
          count == 0
            ? "stopped before the first result"
            : "stopped; \(journal.path) holds \(Format.count(count, "result"))",
          hint: count == 0 ? nil : "--resume goes on from there")
      }
      let isHopeless =
        results.count >= Self.mostFailures && results.allSatisfy { $0.failure != nil }
      if jobs.isEmpty || found.contains(where: { $0 == nil }) || isHopeless { return results }
    }
  }

  /// The results of a batch, those that are not there trained side by side; nil for one that was not done in
  /// time. What is known is not told.
  private func run(_ jobs: [SuccessiveHalving.Job]) throws -> [TrialResult?] {
    let keys = jobs.map { TrialJournal.Key(trial: $0.trial, epochs: halving.epochs[$0.rung]) }
    let open = keys.filter { journal.known[$0] == nil }
    let lanes = min(threads, open.count)
    let next = Guarded(0)
    let failure = Guarded<ExperimentError?>(nil)
    let turn = Guarded(false)
    concurrently(lanes) { _ in
      let watch = TrialObserver(deadline: deadline, observer: observer)
      while true {
        let place = next.withLock { place in
          place += 1
          return place - 1
        }
        guard place < open.count, !watch.shouldStop, failure.withLock({ $0 }) == nil else { return }
        do {
          let key = open[place]
          let result = try runner.run(
            space.settings(trial: key.trial, seed: request.seed), trial: key.trial,
            epochs: key.epochs, threads: threads / lanes, watch)
          try turn.withLock { _ in
            try journal.append(result, elapsed: (ContinuousClock.now - start).seconds)
            observer.receive(.trial(result))
          }
        } catch {
          let error = ExperimentError(error)
          // Not done in time: it leaves no result.
          if error.kind == .interrupted { return }
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return keys.map { journal.known[$0] }
  }
}
