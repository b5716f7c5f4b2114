import Experiments
import Foundation
import Testing

/// From a spec to predictions, by public calls.
@Suite struct ExperimentTests {
  @Test func trainsWritesAndPredicts() throws {
    let bench = try Bench()
    let recorder = Recorder()
    let experiment = try bench.experiment(overrides: ["training.epochs": "3"])
    let run = try experiment.train(.static, observer: recorder)
    #expect(run.training.epochs.count == 3)
    #expect(run.evaluatedOn == .test)
    let auc = try #require(run.metrics["click"]?.auc)
    #expect((0...1).contains(auc))
    #expect(run.metrics["nothing"] == nil)
    var epochs = 0
    for case .epoch in recorder.events { epochs += 1 }
    #expect(epochs == 3)

    try run.plan.write(to: "\(bench.path)/plan.bin")
    let predictor = try Predictor(contentsOf: "\(bench.path)/plan.bin")
    let rows = try table(bench.text("test.csv"))
    let values = try predictor.predict(rows)
    #expect(Set(values.keys) == ["click", "purchase"])
    // The same rows through a file give the same values.
    try predictor.predict(file: "\(bench.path)/test.csv", to: "\(bench.path)/out.csv")
    let written = try table(bench.text("out.csv"))
    #expect(written.count == rows.count)
    for task in ["click", "purchase"] {
      let expected = written.compactMap { $0[task].flatMap { Float($0) } }
      #expect(values[task] == expected)
    }
    let again = try predictor.evaluate(["\(bench.path)/test.csv"])
    #expect(again["click"]?.auc == auc)
  }

  @Test func missingColumnsAreMissingValues() throws {
    let bench = try Bench()
    let run = try bench.experiment().train()
    let predictor = try Predictor(CompiledPlan(run))
    let whole = try predictor.predict([["age": "30", "city": "", "device": "", "discount": ""]])
    let part = try predictor.predict([["age": "30", "of_no_use": "x"]])
    #expect(whole == part)
    #expect(try predictor.predict([])["click"] == [])
    let error = try #require(throws: ExperimentError.self) {
      try predictor.predict([["age": "30"], ["age": "thirty"]])
    }
    #expect(error.kind == .data)
    #expect(error.message.contains("rows:2") && error.message.contains("thirty"))
  }

  @Test func aCompiledPlanTrainsToTheSameBits() throws {
    let bench = try Bench()
    let experiment = try bench.experiment()
    let trained = try experiment.train().plan
    try experiment.compile().write(to: "\(bench.path)/plan.bin")
    let run = try CompiledPlan(contentsOf: "\(bench.path)/plan.bin").train()
    #expect(try run.plan == trained)
  }

  /// Without test data the last validation is the evaluation.
  @Test func theLastValidationStandsInForATest() throws {
    let bench = try Bench()
    try bench.sample()
    let run = try Experiment(
      contentsOf: bench.write(
        Bench.spec.replacing(", test: \"test.csv\"", with: ", validation: \"test.csv\""),
        to: "spec.json5")
    ).train()
    #expect(run.evaluatedOn == .validation)
    #expect(run.metrics.tasks == run.training.epochs.last?.validation?.tasks)
    #expect(run.metrics.rows == 300)
  }

  @Test func aPlanThatOnlyPredictsDoesNotTrain() throws {
    let bench = try Bench()
    var plan = try bench.experiment().compile().plan
    plan.programs.removeAll { $0.kind == .train }
    let error = try #require(throws: ExperimentError.self) { try CompiledPlan(plan).train() }
    #expect(error.kind == .plan && error.message == "the plan has no training program")
    #expect(error.hint == "it can predict only")
  }

  @Test func modesAgree() throws {
    let report = try Bench().experiment().compare()
    #expect(report.agrees && report.report.steps == 20)
    #expect(report.report.entries.contains { $0.name == "loss.click" })
  }

  @Test func aRunThatIsAskedToStopGoesOn() throws {
    struct Stopper: Observer {
      func receive(_ event: Event) {}
      var shouldStop: Bool { true }
    }
    let bench = try Bench()
    let experiment = try bench.experiment()
    let whole = try experiment.train().plan
    let error = try #require(throws: ExperimentError.self) {
      try experiment.train(checkpoints: Checkpoints(in: bench.path), observer: Stopper())
    }
    #expect(error.kind == .interrupted)
    let run = try experiment.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    #expect(try run.plan == whole)
  }

  /// A model that learns from episodes goes through the same calls.
  @Test(arguments: Mode.allCases) func episodes(mode: Mode) throws {
    let bench = try Bench()
    let experiment = try Experiment(
      contentsOf: bench.write(Bench.episodes, to: "spec.json5"),
      overrides: ["training.meta_steps": "4"])
    let findings = try experiment.check()
    #expect(findings.allSatisfy { $0.kind != .leakage })
    let run = try experiment.train(mode)
    let auc = try #require(run.metrics["click"]?.auc)
    #expect((0...1).contains(auc))
    #expect(run.metrics.episodes?.before.first?.auc != nil)
    try run.plan.write(to: "\(bench.path)/plan.bin")
    let plan = try CompiledPlan(contentsOf: "\(bench.path)/plan.bin")
    let again = try plan.evaluate(["\(bench.path)/test.csv"])
    #expect(again["click"]?.auc == auc)
    #expect(try experiment.compare(steps: 1).agrees)
    #expect(try experiment.explain().program.instructions.isEmpty == false)
    #expect(try experiment.statistics().training.rows > 0)
    let error = try #require(throws: ExperimentError.self) { try Predictor(plan) }
    #expect(error.kind == .plan)
  }

  @Test func stepsAreTimedAndExplained() throws {
    let experiment = try Bench().experiment()
    var request = BenchRequest()
    (request.batches, request.seconds, request.profiles) = ([8, 16], 0.01, true)
    let report = try experiment.bench(request)
    #expect(report.steps.map(\.rows) == [8, 16])
    #expect(report.steps.allSatisfy { $0.median > 0 && $0.p10 <= $0.p90 })
    #expect(report.profiles.count == 2)
    let explanation = try experiment.explain(.predict)
    #expect(explanation.stages.first?.name == "model")
    #expect(explanation.liveBytes <= explanation.program.arenaBytes)
    request.disabled = ["fuse_expert"]
    let error = try #require(throws: ExperimentError.self) { try experiment.bench(request) }
    #expect(error.kind == .argument && error.message.contains("fuse_experts"))
  }

  /// Rows of a table with a header and without quotes.
  private func table(_ text: String) throws -> [[String: String]] {
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(zip(header, $0)) { first, _ in first } }
  }
}
