import Experiments
import Foundation
import Plan
import Testing

/// Trained plans of all versions that are kept in the tree are read and predict what they did when they
/// were written; docs/plan-format.md says how versions go on.
@Suite struct PlanFixtureTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  private static func plan(_ version: UInt32) -> URL {
    folder.appending(path: "plan-\(version).bin")
  }
  private static func predictions(_ version: UInt32) -> URL {
    folder.appending(path: "plan-\(version).json")
  }

  /// Rows and what the plan predicts for them, by column of predictions.
  private struct Record: Codable {
    var rows: [[String: String]]
    var predictions: [String: [Float]]
  }

  @Test(arguments: PlanFormat.oldestVersion...PlanFormat.version)
  func keptPlansPredictAsTheyDid(version: UInt32) throws {
    if version == PlanFormat.version,
      ProcessInfo.processInfo.environment["MTLC_UPDATE_GOLDEN"] == "1"
    {
      try Self.write()
    }
    let file = Self.plan(version)
    try #require(
      FileManager.default.fileExists(atPath: file.path),
      "\(file.lastPathComponent) is not there; docs/plan-format.md says how to write it")
    let bytes = Array(try Data(contentsOf: file))
    #expect((0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[8 + $1]) << (8 * UInt32($1)) } == version)
    let record = try JSONDecoder().decode(
      Record.self, from: Data(contentsOf: Self.predictions(version)))
    let found = try Predictor(contentsOf: file.path).predict(record.rows)
    // What is written is of the newest version; a plan of it comes out as it was.
    let written = Array(try CompiledPlan(contentsOf: file.path).plan.encoded())
    #expect(version != PlanFormat.version || written == bytes)
    #expect(written[8] == UInt8(truncatingIfNeeded: PlanFormat.version))
    #expect(Set(found.keys) == Set(record.predictions.keys) && record.rows.count > 8)
    for (column, expected) in record.predictions {
      for (value, wanted) in zip(try #require(found[column]), expected) {
        // Machines differ in their last bits.
        #expect(abs(value - wanted) <= 1e-5 * max(1, abs(wanted)), "\(column)")
      }
    }
  }

  /// Trains the plan with every kind of feature, and records what it predicts.
  private static func write() throws {
    let bench = try Bench()
    let columns = ["id", "n", "tags", "weights", "x", "day", "place", "click", "kind", "spend"]
    let rows = (0..<64).map { k -> [String] in
      let tags = (0..<k % 4).map { "t\((k + $0) % 5)" }
      return [
        "i\(k % 6)", "\(k % 5)", tags.joined(separator: "|"),
        tags.indices.map { "0.\($0 + 1)" }.joined(separator: "|"), "\(k * k % 23)",
        "2024-0\(1 + k % 9)-1\(k % 8)", "\(k % 3);\(k % 4)", "\(k % 2)", "k\(k % 3)",
        "\(10 + k % 7)",
      ]
    }
    let text = ([columns] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
    _ = try bench.write(text, to: "train.csv")
    let spec = try bench.write(
      """
      {
        name: "fixture",
        data: { train: "train.csv", test: "train.csv" },
        features: [
          { name: "id", type: "id", embedding_dim: 2 },
          { name: "hashed", column: "id", type: "id", hash_bucket_size: 5, encoding: "one_hot" },
          { name: "n", type: "id", num_ids: 4, embedding_dim: 2 },
          {
            name: "tags", type: "sequence", separator: "|", max_length: 2, embedding_dim: 2,
            weights_column: "weights",
          },
          { name: "x", type: "numeric", normalizer: "log" },
          { name: "level", column: "x", type: "numeric", num_buckets: 4, embedding_dim: 2 },
          { name: "day", type: "datetime", parts: ["weekday", "days"], embedding_dim: 2 },
          { name: "place", type: "vector", dim: 2, separator: ";" },
          { name: "both", type: "cross", of: ["id", "n"], hash_bucket_size: 7, embedding_dim: 2 },
        ],
        tasks: [
          { name: "click" },
          { name: "kind", loss: "softmax_cross_entropy", classes: ["k0", "k1", "k2"] },
          { name: "spend", loss: "mse" },
        ],
        model: { type: "shared_bottom", bottom_hidden_units: [3], tower_hidden_units: [] },
        training: { batch_size: 16, epochs: 3 },
      }
      """, to: "spec.json5")
    var plan = try Experiment(contentsOf: spec).train().plan
    // No path of the machine stays in the tree.
    plan.training.trainPaths = ["train.csv"]
    plan.training.testPaths = ["train.csv"]
    let file = Self.plan(PlanFormat.version)
    try plan.write(to: file.path)
    var cells = rows.prefix(12).map { row in
      Dictionary(uniqueKeysWithValues: zip(columns, row).prefix(7))
    }
    for (place, column) in columns.prefix(7).enumerated() {
      cells[place][column] = nil
      if column == "tags" { cells[place]["weights"] = nil }
    }
    cells[10]["id"] = "unknown"
    let record = Record(
      rows: cells, predictions: try Predictor(contentsOf: file.path).predict(cells))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(record).write(to: predictions(PlanFormat.version))
  }
}
