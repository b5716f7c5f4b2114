import Experiments
import Foundation
import Schema
import Synchronization
import Testing

/// Runs that are stopped and go on: their history, their length, the end of their checkpoint.
@Suite struct CheckpointTests {
  /// Asks to stop after a number of steps' looks.
  private final class Stopper: Observer {
    private let left: Atomic<Int>
    init(after looks: Int) { left = Atomic(looks) }
    func receive(_ event: Event) {}
    var shouldStop: Bool { left.subtract(1, ordering: .relaxed).newValue <= 0 }
  }

  private static let validated = [
    "training.epochs": "4", "data.validation_fraction": "0.2",
  ]

  /// The epochs without their times, which are never the same.
  private func history(_ run: Run) -> [String] {
    run.training.epochs.map { epoch in
      var epoch = epoch
      epoch.seconds = 0
      epoch.validation?.seconds = 0
      return "\(epoch)"
    }
  }

  private func stop(
    _ experiment: Experiment, _ bench: Bench, after looks: Int, resumes: Bool = false
  ) throws {
    let error = try #require(throws: ExperimentError.self) {
      try experiment.train(
        checkpoints: Checkpoints(in: bench.path, resumes: resumes), observer: Stopper(after: looks))
    }
    #expect(error.kind == .interrupted)
  }

  /// 480 training rows in batches of 64: eight steps an epoch. Stopped within an epoch, within the
  /// same once more, and at an epoch's end.
  @Test func theHistoryIsThatOfAnUninterruptedRun() throws {
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: Self.validated)
    let whole = try experiment.train()
    #expect(history(whole).count == 4)
    try stop(experiment, bench, after: 11)
    try stop(experiment, bench, after: 2, resumes: true)
    try stop(experiment, bench, after: 11, resumes: true)
    let run = try experiment.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    #expect(history(run) == history(whole))
    #expect(try run.plan == whole.plan)
    #expect(run.training.epochs.allSatisfy { $0.seconds > 0 })
  }

  /// The average of the weights is that of an uninterrupted run, and that of the eager mode.
  @Test(arguments: ["{ type: 'ema', decay: 0.9 }", "{ type: 'swa', start: 0.5 }"])
  func averagesOfWeightsGoOn(average: String) throws {
    let bench = try Bench()
    var overrides = Self.validated
    overrides["training.weights_average"] = average
    overrides["model.batch_norm"] = "true"
    let experiment = try bench.experiment(overrides: overrides)
    let whole = try experiment.train()
    try stop(experiment, bench, after: 29)
    let run = try experiment.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    #expect(try run.plan == whole.plan)
    let eager = try experiment.train(.eager)
    let plain = try bench.experiment(overrides: Self.validated).train()
    for (task, other) in zip(whole.metrics.tasks, eager.metrics.tasks) {
      let (loss, its) = (task["log_loss"]?.value ?? .nan, other["log_loss"]?.value ?? .nan)
      #expect(abs(loss - its) < 1e-4)
      #expect(plain.metrics[task.task]?["log_loss"]?.value != loss)
    }
    var longer = overrides
    longer["training.epochs"] = "5"
    try stop(experiment, bench, after: 29)
    let other = try bench.experiment(overrides: longer)
    guard average.contains("swa") else {
      #expect(
        try other.train(checkpoints: Checkpoints(in: bench.path, resumes: true)).training.epochs
          .count == 5)
      return
    }
    let error = #expect(throws: ExperimentError.self) {
      _ = try other.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    }
    #expect(error?.kind == .plan && error?.message.contains("weights it averages") == true)
  }

  /// Cosines of gradients are measured every 200,000 rows of two tasks, that is after 334 epochs of 600 rows.
  @Test func whatWasSeenOfTheTasksStays() throws {
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: [
      "training.epochs": "700", "training.batch_size": "600",
    ])
    let whole = try experiment.train(diagnoses: .conflicts)
    #expect(whole.training.conflicts.map(\.epoch) == [334, 668, 700])
    for looks in [400, 100] {
      #expect(throws: ExperimentError.self) {
        try experiment.train(
          checkpoints: Checkpoints(in: bench.path, resumes: looks < 400), diagnoses: .conflicts,
          observer: Stopper(after: looks))
      }
    }
    let run = try experiment.train(
      checkpoints: Checkpoints(in: bench.path, resumes: true), diagnoses: .conflicts)
    #expect(run.training.conflicts == whole.training.conflicts)
    #expect(run.metricsFile.text == whole.metricsFile.text)
    // The file brings them back to the report.
    let file = try bench.write(run.metricsFile.text, to: "metrics.json")
    let series = try TrainingHistory(metricsFile: file).conflicts
    #expect(series.map(\.name) == ["click and purchase"])
    #expect(series.first?.points.map(\.x) == [334, 668, 700])
    #expect(series.first?.points.map(\.y) == whole.training.conflicts.map { $0.pairs[0].cosine })
  }

  @Test func theHistoryOfEpisodesToo() throws {
    let bench = try Bench()
    let experiment = try Experiment(
      contentsOf: bench.write(Bench.episodes, to: "spec.json5"),
      overrides: [
        "training.meta_steps": "30", "training.eval_every": "7", "training.meta_batch_size": "2",
        "training.eval_episodes": "3",
      ])
    let whole = try experiment.train()
    #expect(whole.training.evaluations.count > 3)
    for looks in [4, 9] { try stop(experiment, bench, after: looks, resumes: looks > 4) }
    let run = try experiment.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    #expect(history(run) == history(whole))
    func untimed(_ run: Run) -> [String] {
      run.training.evaluations.map { evaluation in
        var evaluation = evaluation
        evaluation.report.seconds = 0
        return "\(evaluation)"
      }
    }
    #expect(untimed(run) == untimed(whole))
  }

  @Test func anotherLengthIsAnotherRunWhereTheScheduleDependsOnIt() throws {
    let bench = try Bench()
    func experiment(_ epochs: Int, _ schedule: String) throws -> Experiment {
      try bench.experiment(overrides: [
        "training.epochs": "\(epochs)", "training.learning_rate_schedule": schedule,
      ])
    }
    func resume(_ epochs: Int, _ schedule: String) throws -> Run {
      try experiment(epochs, schedule).train(
        checkpoints: Checkpoints(in: bench.path, resumes: true))
    }
    let cosine = "{ type: \"cosine\" }"
    try stop(experiment(3, cosine), bench, after: 12)
    let error = try #require(throws: ExperimentError.self) { try resume(5, cosine) }
    #expect(error.kind == .plan)
    for word in ["3 epochs", "5 epochs", "schedule"] { #expect(error.message.contains(word)) }
    #expect(try resume(3, cosine).plan == experiment(3, cosine).train().plan)
    // Steps of a given length are the same in a longer run.
    let step = "{ type: \"step\", factor: 0.5, period_epochs: 1 }"
    try stop(experiment(3, step), bench, after: 22)
    #expect(try resume(5, step).plan == experiment(5, step).train().plan)
    let shorter = try #require(throws: ExperimentError.self) { try resume(1, step) }
    #expect(shorter.kind == .plan && shorter.message.contains("beyond the 1 epoch"))
  }

  @Test func aCheckpointThatIsNotThereIsNamed() throws {
    let bench = try Bench()
    let experiment = try bench.experiment()
    let checkpoints = Checkpoints(in: bench.path, isEachEpoch: true, resumes: true)
    for isDone in [false, true] {
      let error = try #require(throws: ExperimentError.self) {
        try experiment.train(checkpoints: checkpoints)
      }
      #expect(error.kind == .plan && error.message.contains("there is no checkpoint"))
      #expect(error.message.contains("is done") == isDone)
      let fresh = Checkpoints(in: bench.path, isEachEpoch: true)
      try experiment.train(checkpoints: fresh).plan.write(to: "\(bench.path)/plan.bin")
      #expect(FileManager.default.fileExists(atPath: "\(bench.path)/checkpoint.bin"))
      try fresh.remove()
      try fresh.remove()
      #expect(!FileManager.default.fileExists(atPath: "\(bench.path)/checkpoint.bin"))
    }
  }
}
