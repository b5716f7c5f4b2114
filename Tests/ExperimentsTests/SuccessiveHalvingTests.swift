import Experiments
import Schema
import Testing

/// Which settings are promoted.
@Suite struct SuccessiveHalvingTests {
  private func objective() throws -> Objective {
    try Objective("income.auc", [("income", .binary)], hasGroups: false)
  }

  private func result(_ trial: Int, _ epochs: Int, auc: Double?) -> TrialResult {
    TrialResult(
      trial: trial, epochs: epochs, settings: [],
      tasks: auc.map {
        [.init(task: "income", scores: [.init(metric: .auc, value: $0)])]
      } ?? [], failure: auc == nil ? "the loss is not finite" : nil, seconds: 0)
  }

  /// All trainings in the order in which they were handed out.
  private func run(
    _ halving: inout SuccessiveHalving, auc: (SuccessiveHalving.Job) -> Double?
  ) throws -> [SuccessiveHalving.Job] {
    let objective = try objective()
    var jobs: [SuccessiveHalving.Job] = []
    while case let batch = halving.next(objective), !batch.isEmpty {
      #expect(batch.count <= SuccessiveHalving.batchSize && jobs.count < 1000)
      // Who is done first makes no difference.
      for job in batch.reversed() {
        halving.add(result(job.trial, halving.epochs[job.rung], auc: auc(job)), of: job)
      }
      jobs += batch
    }
    return jobs
  }

  @Test func rungsRiseByThreeToTheMost() {
    for (epochs, rungs) in [
      (1, [1]), (2, [1, 2]), (3, [1, 3]), (5, [1, 2, 5]), (8, [1, 3, 8]), (27, [1, 3, 9, 27]),
      (0, [1]),
    ] { #expect(SuccessiveHalving(epochs: epochs, trials: 1).epochs == rungs) }
  }

  @Test func theBestThirdIsPromoted() throws {
    var halving = SuccessiveHalving(epochs: 9, trials: 27)
    let jobs = try run(&halving) { 0.5 + Double($0.trial * 7 % 27) / 100 }
    #expect(Set(jobs).count == jobs.count)
    let counts = (0..<3).map { rung in jobs.count { $0.rung == rung } }
    #expect(counts[0] == 27 && counts[1] >= 9 && counts[2] >= 3, "\(counts)")
    // 27 · 7⁻¹: the best of all is trained to the end.
    let best = try #require((1...27).max { $0 * 7 % 27 < $1 * 7 % 27 })
    #expect(jobs.contains(.init(trial: best, rung: 2)))
  }

  @Test func oneTrialIsTrainedToTheEnd() throws {
    var halving = SuccessiveHalving(epochs: 9, trials: 1)
    let jobs = try run(&halving) { _ in 0.7 }
    #expect(jobs == (0..<3).map { .init(trial: 1, rung: $0) })
  }

  /// The settings that others have to beat are trained to the end, also where they are the worst.
  @Test func theFirstGoesOn() throws {
    var halving = SuccessiveHalving(epochs: 9, trials: 12, keepsFirst: true)
    let jobs = try run(&halving) { 0.5 + Double($0.trial) / 100 }
    #expect(jobs.filter { $0.trial == 1 }.map(\.rung) == [0, 1, 2])
    #expect(jobs.firstIndex(of: .init(trial: 1, rung: 2)).map { $0 < 12 } == true)
    var plain = SuccessiveHalving(epochs: 9, trials: 12)
    #expect(try run(&plain) { 0.5 + Double($0.trial) / 100 }.count { $0.trial == 1 } == 1)
    var failing = SuccessiveHalving(epochs: 9, trials: 12, keepsFirst: true)
    let others = try run(&failing) { $0.trial == 1 ? nil : 0.5 + Double($0.trial) / 100 }
    #expect(others.filter { $0.trial == 1 }.map(\.rung) == [0] && others.contains { $0.rung == 2 })
  }

  @Test func whatFailedIsNotPromoted() throws {
    var halving = SuccessiveHalving(epochs: 3, trials: 8)
    let jobs = try run(&halving) { $0.trial == 5 ? 0.6 : nil }
    #expect(jobs.filter { $0.rung == 1 } == [.init(trial: 5, rung: 1)])
    var hopeless = SuccessiveHalving(epochs: 3, trials: 8)
    #expect(try run(&hopeless) { _ in nil }.allSatisfy { $0.rung == 0 })
  }
}

/// What makes a result better than another.
@Suite struct ObjectiveTests {
  private let tasks: [(name: String, kind: TaskKind)] = [("a", .binary), ("b.c", .regression)]

  private func result(_ trial: Int, _ auc: Double?, _ rmse: Double) -> TrialResult {
    TrialResult(
      trial: trial, epochs: 1, settings: [],
      tasks: [
        .init(
          task: "a",
          scores: [.init(metric: .auc, value: auc), .init(metric: .logLoss, value: 1)]),
        .init(task: "b.c", scores: [.init(metric: .rootMeanSquaredError, value: rmse)]),
      ], failure: nil, seconds: 0)
  }

  @Test func theMeanRankIsThatOfTheTasks() throws {
    let objective = try Objective(nil, tasks, hasGroups: false)
    let results = [result(1, 0.9, 3), result(2, 0.8, 1), result(3, 0.9, 2), result(4, nil, 9)]
    let expected: [Double] = [2.25, 2, 1.75, 4]
    #expect(objective.scores(results) == expected)
    #expect(objective.front(results) == [1, 2])
    var failed = results[1]
    failed.failure = "none"
    #expect(objective.scores([failed, results[0]])[0] == .infinity)
    #expect(objective.front([failed, results[0]]) == [1])
  }

  @Test func aMetricIsOfATaskOrTheMean() throws {
    let results = [result(1, 0.9, 3), result(2, 0.8, 1)]
    #expect(
      try Objective("a.auc", tasks, hasGroups: false).scores(results) == [-0.9, -0.8])
    #expect(
      try Objective("b.c.rmse", tasks, hasGroups: false).scores(results) == [3, 1])
    #expect(try Objective("log_loss", tasks, hasGroups: false).scores(results) == [1, 1])
    for (text, words) in [
      ("a.acu", "did you mean auc?"), ("aa.auc", "did you mean a?"),
      ("a.base_rate", "no such metric"), ("gauc", "no such metric"), ("", "no such metric"),
    ] {
      let error = #expect(throws: ExperimentError.self) {
        try Objective(text, tasks, hasGroups: false)
      }
      #expect(error?.kind == .argument && error?.description.contains(words) == true, "\(text)")
    }
  }
}
