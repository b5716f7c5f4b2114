import Experiments
import Plan
import Testing

/// Batches in parts, from a spec to a trained plan.
@Suite struct MicroBatchTrainingTests {
  private func experiment(_ overrides: String...) throws -> Experiment {
    let bench = try Bench()
    try bench.sample()
    let spec = try bench.write(Bench.spec, to: "spec.json5")
    return try Experiment(contentsOf: spec, assignments: overrides)
  }

  @Test func compiledPlansTrainAsSpecsDo() throws {
    let experiment = try experiment(
      "training.micro_batches=3", "training.sparse_optimizer.type=\"lazy_adam\"")
    let run = try experiment.train()
    let again = try experiment.compile().train(threads: 1)
    #expect(try run.plan.encoded() == again.plan.encoded())
    #expect(run.training.epochs.count == 2 && run.training.epochs.allSatisfy { $0.loss.isFinite })
    let report = try experiment.checkReport()
    #expect(report.microBatches?.count == 3 && report.microBatches?.rows == 22)
    let eager = try experiment.train(.eager)
    for (one, other) in zip(run.training.epochs, eager.training.epochs) {
      #expect(abs(one.loss - other.loss) < 1e-3)
    }
  }

  /// What a step learns does not depend on its parts, but for rounding.
  @Test func partsLearnWhatTheWholeDoes() throws {
    let whole = try experiment("training.optimizer.type=\"sgd\"").train()
    let parts = try experiment(
      "training.optimizer.type=\"sgd\"", "training.micro_batches=4"
    ).train()
    for (one, other) in zip(whole.training.epochs, parts.training.epochs) {
      #expect(abs(one.loss - other.loss) < 1e-5)
    }
    #expect(try experiment().checkReport().microBatches == nil)
  }

  @Test func stepsAreTimed() throws {
    let experiment = try experiment("training.micro_batches=8")
    var request = BenchRequest()
    (request.batches, request.seconds, request.profiles) = ([64], 0.01, true)
    let report = try experiment.bench(request)
    #expect(report.steps.first?.rows == 64 && report.steps[0].flops > 0)
    #expect(report.profiles.first?.contains { $0.name == "optimizer" } == true)
    request.batches = [4]
    #expect { try experiment.bench(request) } throws: {
      ($0 as? ExperimentError)?.description.contains("a batch of 4 rows has no 8 micro-batches")
        == true
    }
  }
}
