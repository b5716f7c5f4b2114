import Experiments
import Testing

@Suite struct SpecInSwiftTests {
  private func spec(_ bench: Bench, epochs: Int = 2) throws -> Spec {
    try Spec(
      name: "small",
      data: .files(train: ["train.csv"], test: ["test.csv"]),
      features: [
        .id("city", "device").with(FeatureKeys.embeddingDim, 4),
        .numeric("age", "discount").with(FeatureKeys.normalizer, .zscore),
      ],
      tasks: [.task("click"), .task("purchase")],
      model: .model(MMoE.self).with(MMoE.numExperts, 2).with(MMoE.expertHiddenUnits, [8])
        .with(ModelKeys.towerHiddenUnits, [4]),
      training: TrainingObject().with(TrainingKeys.batchSize, 64)
        .with(TrainingKeys.epochs, epochs)
        .with(TrainingKeys.optimizer, .optimizer(.adam, learningRate: 0.01)),
      folder: bench.path)
  }

  /// Values in Swift give the plan that the same values in a file give.
  @Test func isTheSpecOfAFile() throws {
    let bench = try Bench()
    var expected = try bench.experiment().compile().plan
    var plan = try Experiment(spec(bench)).compile().plan
    (expected.specText, plan.specText) = ("", "")
    #expect(plan == expected)
  }

  @Test func goesThroughTheSameChecks() throws {
    let bench = try Bench()
    #expect(throws: SpecError.self) { try spec(bench, epochs: 0) }
    do {
      _ = try spec(bench, epochs: 0)
    } catch {
      let error = ExperimentError(error)
      #expect(error.kind == .spec)
      #expect(error.message.contains("training.epochs"))
    }
  }
}
