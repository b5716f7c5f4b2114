import Experiments
import Foundation
import Schema
import Testing

/// Ids that training never had are predicted much as the average known one.
@Suite struct UntrainedRowsTests {
  private func experiment(
    _ feature: String, levels: [(id: String, y: Double, rows: Int)], data: String = "",
    training: String = "", epochs: Int = 30
  ) throws -> Experiment {
    let bench = try Bench()
    var lines: [String] = []
    for level in levels { lines += Array(repeating: "\(level.id),\(level.y)", count: level.rows) }
    _ = try bench.write("c,y\n" + lines.joined(separator: "\n") + "\n", to: "train.csv")
    _ = try bench.write("c,y\nZ,20\n,20\n", to: "other.csv")
    return try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "train.csv", \(data) },
          features: [{ name: "c", \(feature) }], tasks: [{ name: "y", loss: "mse" }],
          model: { type: "shared_bottom", bottom_hidden_units: [16], tower_hidden_units: [8] },
          training: { batch_size: 32, epochs: \(epochs), optimizer: { type: "adam", learning_rate: 1e-2 },
            \(training) } }
        """, to: "spec.json5"))
  }

  private static let three: [(id: String, y: Double, rows: Int)] =
    [("1", 10, 200), ("2", 20, 200), ("3", 30, 200)]

  /// However ids are made and read, in both modes and for every seed.
  @Test(arguments: [
    "type: \"id\", embedding_dim: 4", "type: \"id\", num_ids: 9",
    "type: \"id\", encoding: \"one_hot\"",
    "type: \"id\", vocab_list: [\"1\", \"2\", \"3\", \"8\"]", "type: \"sequence\"",
  ]) func unknownIdsAreNearTheMean(feature: String) throws {
    for mode in Mode.allCases {
      for seed in mode == .eager ? [1] : [1, 2, 3] {
        let run = try experiment(feature, levels: Self.three, training: "seed: \(seed)").train(mode)
        let predictor = try Predictor(CompiledPlan(run))
        let rows = ["1", "2", "3", "8", ""].map { ["c": $0] }
        let values = try #require(try predictor.predict(rows)["y"])
        for (value, wanted) in zip(values, [10, 20, 30]) {
          #expect(abs(value - Float(wanted)) < 0.5)
        }
        #expect(abs(values[3] - 20) < 4, "\(feature) \(mode) \(seed): \(values)")
        // An empty list has no rows to pool: it is no id.
        if feature != "type: \"sequence\"" {
          #expect(abs(values[4] - 20) < 4, "\(feature) \(mode) \(seed): \(values)")
        }
      }
    }
  }

  /// The mean counts rows as often as training reads them.
  @Test func frequentIdsCountMore() throws {
    let levels = [("1", 10.0, 540), ("2", 20.0, 30), ("3", 30.0, 30)]
    let run = try experiment("type: \"id\", embedding_dim: 4", levels: levels).train()
    let values = try Predictor(CompiledPlan(run)).predict([["c": "Z"]])
    #expect(abs(try #require(values["y"]?.first) - 11.5) < 3)
  }

  /// Where training rows have missing ids, the row for them is trained as every other.
  @Test func trainedRowsStay() throws {
    let levels = Self.three + [("", 90, 200)]
    let run = try experiment("type: \"id\", embedding_dim: 4", levels: levels).train()
    let values = try Predictor(CompiledPlan(run)).predict([["c": ""], ["c": "Z"]])["y"]
    #expect(values?.allSatisfy { abs($0 - 90) < 1 } == true)
  }

  /// What a validation measures is what the finished model does, though a penalty moves the rows that
  /// are set for it; and training goes on as without a validation.
  @Test(arguments: ["", "embedding_l2: 0.01,"]) func validationsSeeTheSameRows(l2: String) throws {
    let feature = "type: \"id\", embedding_dim: 4"
    let training = "\(l2) early_stopping: { metric: \"rmse\", patience: 30 }"
    let experiment = try experiment(
      feature, levels: Self.three, data: "validation: \"other.csv\"", training: training)
    let run = try experiment.train()
    let best = try #require(run.training.best)
    #expect(run.metrics["y"]?[.rootMeanSquaredError]?.value == best.value)
    let free = try self.experiment(
      feature, levels: Self.three, training: l2, epochs: best.epoch)
    #expect(try free.train().plan.weights == run.plan.weights)
  }

  /// Rows of a stream file count as those in memory.
  @Test func streamedRows() throws {
    let feature = "type: \"id\", embedding_dim: 4"
    let whole = try experiment(feature, levels: Self.three, training: "shuffle: false").train()
    let streamed = try experiment(
      feature, levels: Self.three, data: "cache: \"cache\", stream: true",
      training: "shuffle: false"
    ).train()
    #expect(try streamed.plan.weights == whole.plan.weights)
  }
}
