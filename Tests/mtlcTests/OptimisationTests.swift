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
    try bench.expect(
      0, ["inspect", "plan.bin"],
      says: [
        "cosine rate to 0.1 in what is left after 0.5 epochs", "their norm to 0.05",
        "early stopping by click.auc, patience 3",
      ])
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

  private func epochReports(_ text: String) throws -> [[String: Any]] {
    try #require(try Workbench.json(text)["epochs"] as? [[String: Any]])
  }

  private func tasks(_ epoch: [String: Any], _ key: String) throws -> [Double] {
    let values = try #require(epoch[key] as? [String: Any])
    return try ["click", "purchase"].map { try #require(values[$0] as? Double) }
  }

  /// The modes agree in every step and in the weights of every epoch; threads change nothing.
  @Test(arguments: ["uncertainty", "dwa", "gradnorm", "pcgrad"])
  func taskWeighting(kind: String) throws {
    let bench = try bench("task_weighting: \"\(kind)\", gradient_clip_norm: 1")
    try bench.expect(0, ["compare", "spec.json5", "--steps", "10"], says: ["the modes agree"])
    let compiled = try bench.expect(
      0, ["train", "spec.json5", "-o", "a", "--threads", "1", "--json"], says: ["weights click"])
    try bench.expect(0, ["train", "spec.json5", "-o", "b", "--threads", "2"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    let eager = try bench.expect(0, ["train", "spec.json5", "--mode", "eager", "--json"])
    let (found, reference) = (
      try epochReports(compiled.output), try epochReports(eager.output)
    )
    #expect(found.count == 4)
    for (x, y) in zip(found, reference) {
      for (a, b) in zip(try tasks(x, "task_weights"), try tasks(y, "task_weights")) {
        #expect(abs(a - b) < 1e-3)
      }
    }
    let last = try tasks(found[3], "task_weights")
    #expect(last[0] != last[1])
    if kind == "dwa" || kind == "gradnorm" { #expect(abs(last[0] + last[1] - 2) < 1e-4) }
  }

  /// K·softmax(r/T) of the losses that the report itself gives.
  @Test func dynamicWeightsFollowTheLosses() throws {
    let bench = try bench("task_weighting: \"dwa\", dwa_temperature: 0.1")
    let epochs = try epochReports(
      try bench.expect(0, ["train", "spec.json5", "--json"]).output)
    for k in 0..<4 {
      var expected = [1.0, 1.0]
      if k >= 2 {
        let losses = try (k - 2..<k).map { try tasks(epochs[$0], "task_losses") }
        let powers = (0..<2).map { exp(losses[1][$0] / losses[0][$0] / 0.1) }
        expected = powers.map { 2 * $0 / (powers[0] + powers[1]) }
        #expect(abs(expected[0] - 1) > 1e-3)
      }
      for (x, y) in zip(try tasks(epochs[k], "task_weights"), expected) {
        #expect(abs(x - y) < 1e-4)
      }
    }
  }

  /// Both modes train on the batches' statistics and predict with the running ones.
  @Test func batchNormalization() throws {
    let bench = try Workbench(
      spec: Workbench.spec.replacing("type: \"mmoe\",", with: "type: \"mmoe\", batch_norm: true,"))
    let compare = try bench.expect(
      0, ["compare", "spec.json5", "--steps", "12"], says: ["the modes agree"])
    #expect(compare.output.contains("parameter towers.click.norm.0.variance"))
    try bench.expect(0, ["train", "spec.json5", "-o", "a", "--threads", "1"])
    try bench.expect(0, ["train", "spec.json5", "-o", "b", "--threads", "2"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    try bench.expect(0, ["train", "spec.json5", "-o", "c", "--mode", "eager"])
    func losses(_ folder: String) throws -> [Double] {
      let json = try Workbench.json(try bench.text("\(folder)/metrics.json"))
      let evaluation = try #require(json["evaluation"] as? [String: Any])
      let tasks = try #require(evaluation["tasks"] as? [String: [String: Any]])
      return try ["click", "purchase"].map { try #require(tasks[$0]?["log_loss"] as? Double) }
    }
    for (x, y) in zip(try losses("a"), try losses("c")) { #expect(abs(x - y) < 1e-4) }
    // A prediction does not depend on the other rows of its batch.
    let rows = try bench.text("test.csv").split(separator: "\n")
    try bench.write(rows.prefix(2).joined(separator: "\n") + "\n", to: "one.csv")
    let all = try bench.expect(0, ["run", "a/plan.bin", "--predict", "test.csv", "-q"]).output
    let one = try bench.expect(0, ["run", "a/plan.bin", "--predict", "one.csv", "-q"]).output
    #expect(all.split(separator: "\n")[1] == one.split(separator: "\n")[1])
  }

  @Test func passesShowTheGradientsOfTheTasks() throws {
    let bench = try bench("task_weighting: \"pcgrad\"")
    let text = try bench.expect(
      0, ["compile", "spec.json5", "--stop-after", "differentiate"]
    ).output
    #expect(text.contains("weight.click = "))
  }

  @Test func anUnknownMetricIsAnErrorOfTheSpec() throws {
    let bench = try bench("early_stopping: { metric: \"click.acu\" }")
    for command in [["train", "spec.json5"], ["check", "spec.json5"]] {
      try bench.expectFailure(
        3, command,
        says: [
          "spec.json5:11:", "training.early_stopping.metric", "\"click\"", "\"acu\"",
          "did you mean \"auc\"?",
        ])
    }
  }
}
