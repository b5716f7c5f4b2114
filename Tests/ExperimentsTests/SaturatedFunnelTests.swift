import Experiments
import Foundation
import Testing

/// Funnels that start with logits of hundreds on the wrong side learn all the same.
@Suite struct SaturatedFunnelTests {
  @Test(arguments: ["esmm", "funnel_v2", "funnel_v3", "funnel_v4"])
  func learnsFromRowsThatAreSurelyWrong(type: String) throws {
    let bench = try Bench()
    // With one number of ±300, half of the rows start with p = 1 where neither step happens.
    let rows = (0..<100).map { $0 == 1 ? "300,1,1" : $0 % 2 == 0 ? "-300,0,0" : "300,0,0" }
    _ = try bench.write((["x,a,b"] + rows).joined(separator: "\n") + "\n", to: "train.csv")
    let units = ["esmm", "funnel_v2"].contains(type) ? "" : "4"
    let spec = try bench.write(
      """
      {
        data: { train: "train.csv" },
        features: [{ name: "x", type: "numeric", normalizer: "none" }],
        tasks: [{ name: "a" }, { name: "b" }],
        model: { type: "\(type)", tower_hidden_units: [\(units)], activation: "silu" },
        training: { batch_size: 100, epochs: 600, seed: 1,
                    optimizer: { type: "adam", learning_rate: 0.01 } },
      }
      """, to: "spec.json5")
    let epochs = try Experiment(contentsOf: spec).train().training.epochs
    let first = try #require(epochs.first?.loss)
    let last = try #require(epochs.last?.loss)
    #expect(first > 1, "the start is not saturated")
    #expect(last < 2, "\(first) to \(last)")
  }
}
