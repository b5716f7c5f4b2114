/// Which setting is trained next, and for how many epochs: asynchronous successive halving.
///
/// L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, M. Hardt, B. Recht, A. Talwalkar, "A System for Massively
/// Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2. Settings begin on the lowest rung, with few
/// epochs. Whenever there is room, the best setting of the highest rung of which it is among the best third
/// is promoted to the next rung, with three times as many epochs; where there is none, a new one is drawn.
///
/// Trainings are handed out in batches of a fixed size, and a batch is asked for when all results of the one
/// before are there. So the choices depend on the results alone, and not on who was done first.
package struct SuccessiveHalving: Sendable {
  /// A training: setting `trial`, from 1, on a rung, from 0.
  package struct Job: Sendable, Hashable {
    package var trial: Int
    package var rung: Int

    package init(trial: Int, rung: Int) {
      self.trial = trial
      self.rung = rung
    }
  }

  /// The share of a rung that is promoted is one in so many.
  package static let reduction = 3
  /// The trainings of a batch.
  package static let batchSize = 4

  /// By rung the epochs of its trainings, rising to the most.
  package let epochs: [Int]
  /// How many settings are drawn.
  private let trials: Int
  private var drawn = 0
  /// Whether trial 1 goes on to the last rung however it ranks: the settings that others have to beat.
  private let keepsFirst: Bool
  /// By rung the results, and the trials that went on from there.
  private var results: [[TrialResult]]
  private var promoted: [Set<Int>]

  /// - Parameters:
  ///   - epochs: The most that a setting is trained.
  ///   - trials: How many settings are drawn; `Int.max` for no end.
  ///   - keepsFirst: Whether trial 1 goes on to the last rung however it ranks.
  package init(epochs: Int, trials: Int, keepsFirst: Bool = false) {
    self.keepsFirst = keepsFirst
    var rungs = [max(1, epochs)]
    while let last = rungs.first, last > 1 {
      let next = (last + Self.reduction / 2) / Self.reduction
      guard next >= 1, next < last else { break }
      rungs.insert(next, at: 0)
    }
    self.epochs = rungs
    self.trials = trials
    results = Array(repeating: [], count: rungs.count)
    promoted = Array(repeating: [], count: rungs.count)
  }

  /// The next trainings; none when the search is over.
  package mutating func next(_ objective: Objective) -> [Job] {
    var batch: [Job] = []
    while batch.count < Self.batchSize {
      if let job = promotion(objective) {
        batch.append(job)
      } else if drawn < trials {
        drawn += 1
        batch.append(Job(trial: drawn, rung: 0))
      } else {
        break
      }
    }
    if batch.isEmpty, let job = last(objective) { batch.append(job) }
    return batch
  }

  package mutating func add(_ result: TrialResult, of job: Job) { results[job.rung].append(result) }

  /// The best result of the highest rung that is among its best third and was not promoted yet.
  private mutating func promotion(_ objective: Objective) -> Job? {
    for rung in epochs.indices.dropLast() where keepsFirst && !promoted[rung].contains(1) {
      let isReady = results[rung].contains { $0.trial == 1 && $0.failure == nil }
      if isReady { return promote(1, from: rung) }
    }
    for rung in epochs.indices.dropLast().reversed() {
      let best = ranking(rung, objective).prefix(results[rung].count / Self.reduction)
      if let trial = best.first(where: { !promoted[rung].contains($0) }) {
        return promote(trial, from: rung)
      }
    }
    return nil
  }

  /// When nothing else is left: the best of a rung from which no trial was promoted, so that one at least
  /// is trained for all epochs.
  private mutating func last(_ objective: Objective) -> Job? {
    for rung in epochs.indices.dropLast() where promoted[rung].isEmpty {
      if let trial = ranking(rung, objective).first { return promote(trial, from: rung) }
    }
    return nil
  }

  private mutating func promote(_ trial: Int, from rung: Int) -> Job {
    promoted[rung].insert(trial)
    return Job(trial: trial, rung: rung + 1)
  }

  /// The trials of a rung that did not fail, the best first.
  private func ranking(_ rung: Int, _ objective: Objective) -> [Int] {
    let found = results[rung].sorted { $0.trial < $1.trial }
    let scores = objective.scores(found)
    return found.indices.filter { scores[$0].isFinite }
      .sorted { (scores[$0], $0) < (scores[$1], $1) }.map { found[$0].trial }
  }
}
