import Experiments
import Foundation
import Plan

/// A folder with rows and the plan of a spec that was trained on them. The folder goes with it.
final class TrainedPlan: Sendable {
  let folder: String
  let compiled: CompiledPlan
  var plan: Plan { compiled.plan }

  /// - Parameters:
  ///   - spec: its data are `train.csv` and `test.csv`.
  ///   - rows: the text of both files; nil for the project's sample.
  init(_ spec: String, rows: String? = nil) throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("export-\(UUID().uuidString)").path
    try OutputFolder.make(folder)
    if let rows {
      for name in ["train.csv", "test.csv"] {
        try OutputFolder.write(rows, to: "\(folder)/\(name)")
      }
    } else {
      _ = try SampleData.write(
        .ads, train: "\(folder)/train.csv", test: "\(folder)/test.csv", trainRows: 300,
        testRows: 200)
    }
    try OutputFolder.write(spec, to: "\(folder)/spec.json5")
    compiled = try CompiledPlan(Experiment(contentsOf: "\(folder)/spec.json5").train())
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func mmoe() throws -> TrainedPlan {
    try TrainedPlan(
      """
      {
        name: "small",
        data: { train: "train.csv", test: "test.csv" },
        features: [
          { columns: ["city", "device"], type: "id", embedding_dim: 4 },
          { name: "member", type: "id", encoding: "one_hot" },
          { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
        ],
        tasks: [{ name: "click" }, { name: "purchase" }],
        model: { type: "mmoe", num_experts: 3, expert_hidden_units: [8], tower_hidden_units: [4] },
        training: { batch_size: 64, epochs: 1 },
      }
      """)
  }
}
