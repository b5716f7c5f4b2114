import Experiments
import Foundation
import Schema
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

  /// Weights of a list, which attention multiplies by.
  @Test(arguments: ["attention", "sum"]) func namesWeightsOfLists(pooling: String) throws {
    let bench = try Bench()
    let rows = (0..<64).map { "a\($0 % 3),b\($0 % 2):\($0 == 9 ? "1e30" : "0.5")|b1,\($0 % 2)" }
    _ = try bench.write((["item,list,y"] + rows).joined(separator: "\n") + "\n", to: "train.csv")
    let target = pooling == "attention" ? ", attention_target: \"item\"" : ""
    let spec = try bench.write(
      """
      {
        data: { train: "train.csv" },
        features: [
          { name: "item", type: "id", embedding_dim: 4 },
          { name: "list", type: "sequence", weighted: true, pooling: "\(pooling)"\(target),
            embedding_dim: 4 },
        ],
        tasks: [{ name: "y" }],
        model: { type: "shared_bottom", bottom_hidden_units: [8], tower_hidden_units: [] },
        training: { batch_size: 32, epochs: 3 },
      }
      """, to: "spec.json5")
    let error = try #require(throws: ExperimentError.self) {
      try Experiment(contentsOf: spec).train()
    }
    #expect(error.kind == .numeric)
    #expect(error.message.contains("1e+30, in the weights of the feature \"list\""), "\(error)")
  }

  private final class Warnings: Observer {
    let texts = Guarded<[String]>([])
    func receive(_ event: Event) {
      if case .warning(let text) = event { texts.withLock { $0.append(text) } }
    }
  }

  /// A plan that learned from ordinary numbers says which rows it has no prediction for.
  @Test func predictionsThatAreNotFiniteAreSaid() throws {
    let bench = try Bench()
    func table(_ outliers: Set<Int>) -> String {
      (["x,z,y"]
        + (0..<40).map { "\(outliers.contains($0) ? "1e30" : "\(Double($0 % 7) / 7)"),1,\($0 % 2)" })
        .joined(separator: "\n") + "\n"
    }
    _ = try bench.write(table([]), to: "train.csv")
    let spec = try bench.write(
      """
      {
        data: { train: "train.csv" },
        features: [{ columns: ["x", "z"], type: "numeric", normalizer: "none" }],
        tasks: [{ name: "y" }],
        model: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [],
          interaction: { type: "dcn_v2", layers: 3 } },
        training: { batch_size: 8, eval_batch_size: 8, epochs: 1 },
      }
      """, to: "spec.json5")
    let predictor = try Predictor(CompiledPlan(Experiment(contentsOf: spec).train()), threads: 2)
    for (outliers, expected) in [
      (Set<Int>(), [String]()),
      (
        [17, 18, 39],
        [
          "3 of 40 rows have predictions that are not finite numbers, first row 18; the largest number"
            + " that it has is 1e+30, in the feature \"x\""
        ]
      ),
    ] {
      let rows = try bench.write(table(outliers), to: "rows.csv")
      let warnings = Warnings()
      try predictor.predict(file: rows, to: "\(bench.path)/out.csv", observer: warnings)
      #expect(warnings.texts.withLock { $0 } == expected)
    }
  }
}
