import Experiments
import Foundation
import Schema
import TestSupport
import Testing

/// A regression with labels of 10⁵ and a click learn side by side by defaults, in few steps.
@Suite struct RegressionBesideClickTests {
  private static let click = "{ name: \"click\" }"
  private static let watched = "{ name: \"watch_ms\", loss: \"mse\" }"

  /// Rows whose click depends on the user, and whose time depends on the video, with normal noise of
  /// deviation 8,000.
  private func table(_ count: Int, _ random: inout SplitMix64) -> String {
    var lines = ["user,video,click,watch_ms"]
    for _ in 0..<count {
      let user = Int.random(in: 0..<30, using: &random)
      let video = Int.random(in: 0..<30, using: &random)
      let logit = 2.4 * sin(Double(user * 7)) + 0.4 * sin(Double(video * 5))
      let click = Double.random(in: 0..<1, using: &random) < 1 / (1 + exp(-logit)) ? 1 : 0
      let noise = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
      let time = 20_000 + 170_000 * Double(video) / 29 + 8_000 * noise + 500 * Double(user % 5)
      lines.append("u\(user),v\(video),\(click),\(Int(time))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func metrics(_ bench: Bench, _ tasks: [String], seed: Int) throws -> EvaluationReport {
    try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "train.csv", test: "test.csv" },
          features: [{ columns: ["user", "video"], type: "id" }],
          tasks: [\(tasks.joined(separator: ", "))],
          model: { type: "mmoe", num_experts: 4, expert_hidden_units: [16], tower_hidden_units: [8] },
          training: { epochs: 10, seed: \(seed) } }
        """, to: "spec.json5")
    ).train().metrics
  }

  @Test func bothAreLearned() throws {
    let bench = try Bench()
    var random = SplitMix64(seed: 1)
    _ = try bench.write(table(4000, &random), to: "train.csv")
    _ = try bench.write(table(1000, &random), to: "test.csv")
    for seed in 1...4 {
      let both = try metrics(bench, [Self.click, Self.watched], seed: seed)
      let alone = try metrics(bench, [Self.click], seed: seed)
      let (joint, own) = (try #require(both["click"]?.auc), try #require(alone["click"]?.auc))
      let error = try #require(both["watch_ms"]?[.rootMeanSquaredError]?.value)
      #expect(joint > own - 0.01, "\(seed): \(joint), alone \(own)")
      #expect(error < 9_500, "\(seed)")
    }
  }
}
