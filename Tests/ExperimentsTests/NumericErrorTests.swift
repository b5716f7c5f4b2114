import Experiments
import Foundation
import Testing

/// What is said when training leaves the finite numbers: the layer and the feature by their names in the
/// spec, and what to do.
@Suite struct NumericErrorTests {
  /// - Parameter outlier: A value of `x` in one of the rows.
  private func error(
    _ training: String, feature: String = "", outlier: String = "0.5", loss: String = "",
    labels: [String] = ["0", "1"], mode: Mode
  ) throws -> ExperimentError {
    let bench = try Bench()
    let rows = (0..<64).map { row in
      "\(row == 40 ? outlier : "\(Double(row % 7) - 3)"),\(row % 5),\(labels[row % labels.count])"
    }
    _ = try bench.write(
      (["x,other,click"] + rows).joined(separator: "\n") + "\n", to: "train.csv")
    let spec = try bench.write(
      """
      {
        data: { train: "train.csv" },
        features: [{ name: "other", type: "numeric" }, { name: "x", type: "numeric"\(feature) }],
        tasks: [{ name: "click"\(loss) }],
        model: { type: "mmoe", num_experts: 2, expert_hidden_units: [4], tower_hidden_units: [3] },
        training: { batch_size: 32, epochs: 8, seed: 1, \(training) },
      }
      """, to: "spec.json5")
    return try #require(throws: ExperimentError.self) {
      try Experiment(contentsOf: spec).train(mode)
    }
  }

  @Test(arguments: Mode.allCases) func namesTheFeatureWithAnOutlier(mode: Mode) throws {
    let error = try error(
      "optimizer: { type: \"sgd\", learning_rate: 0.1 }", feature: ", normalizer: \"none\"",
      outlier: "1e30", mode: mode)
    #expect(error.kind == .numeric)
    #expect(error.message.contains("is 1e+30, in the feature \"x\""), "\(error)")
    #expect(error.message.contains("the layer \"") || error.message.contains("the layers \""))
    #expect(!error.message.contains("instruction"))
    #expect(error.hint?.contains("normalizer") == true)
  }

  @Test(arguments: Mode.allCases) func namesTheTaskWithLargeLabels(mode: Mode) throws {
    let error = try error(
      "optimizer: { type: \"sgd\", learning_rate: 0.1 }", loss: ", loss: \"mse\", normalize: false",
      labels: ["1e25", "-2e25"], mode: mode)
    #expect(error.message.contains("in the label of the task \"click\""), "\(error)")
    #expect(error.hint == "scale the label of the task \"click\"")
  }

  @Test(arguments: Mode.allCases) func namesTheRate(mode: Mode) throws {
    let error = try error("optimizer: { type: \"sgd\", learning_rate: 1e30 }", mode: mode)
    #expect(error.hint?.contains("learning_rate") == true, "\(error)")
    #expect(error.message.contains("the layer"), "\(error)")
  }
}
