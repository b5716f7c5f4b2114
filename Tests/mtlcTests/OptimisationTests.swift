import Foundation
import Testing

/// Training options from the spec to the reports, on the real tool.
@Suite struct OptimisationTests {
  /// The bench's spec with other lines in `training` and rows for validation.
  private func bench(_ training: String) throws -> Workbench {
    try Workbench(
      spec: Workbench.spec
        .replacing("test: \"test.csv\" }", with: "test: \"test.csv\", validation_fraction: 0.2 }")
        .replacing("epochs: 2,", with: "epochs: 4, \(training),"))
  }

  private func epochs(_ bench: Workbench, _ mode: String) throws -> [String: Any] {
    try Workbench.json(
      try bench.expect(0, ["train", "spec.json5", "--mode", mode, "--json"]).output)
  }

  @Test func scheduleClippingAndEarlyStopping() throws {
    let bench = try bench(
      """
      learning_rate_schedule: { type: "cosine", warmup_epochs: 0.5, final_factor: 0.1 },
      gradient_clip_norm: 0.05,
      early_stopping: { metric: "click.auc", patience: 3 }
      """)
    let train = try bench.expect(
      0, ["train", "spec.json5", "-o", "a", "--threads", "1", "--json"])
    try bench.expect(
      0, ["train", "spec.json5", "-o", "b", "--threads", "2"], says: ["rate", "best"])
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["run", "plan.bin", "-o", "c.bin"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("c.bin"))
    let json = try Workbench.json(train.output)
    let epochs = try #require(json["epochs"] as? [[String: Any]])
    let rates = epochs.compactMap { $0["learning_rate"] as? Double }
    #expect(rates.count == 4)
    #expect(abs(try #require(rates.last) / 0.001 - 1) < 0.1)
    let best = try #require(json["best_epoch"] as? [String: Any])
    func auc(_ epoch: [String: Any]) throws -> Double {
      let validation = try #require(epoch["validation"] as? [String: Any])
      let tasks = try #require(validation["tasks"] as? [String: [String: Any]])
      return try #require(tasks["click"]?["auc"] as? Double)
    }
    #expect(best["value"] as? Double == (try epochs.map(auc)).max())
    try bench.expect(0, ["compare", "spec.json5", "--steps", "12"], says: ["the modes agree"])
    let eager = try self.epochs(bench, "eager")
    let eagerBest = try #require(eager["best_epoch"] as? [String: Any])
    #expect(eagerBest["epoch"] as? Int == best["epoch"] as? Int)
  }

  @Test func anUnknownMetricIsAnErrorOfTheSpec() throws {
    let bench = try bench("early_stopping: { metric: \"click.acu\" }")
    try bench.expectFailure(
      3, ["train", "spec.json5"], says: ["training.early_stopping.metric", "click.auc"])
  }
}
