import Experiments
import Foundation
import Schema
import Testing

/// What cross-validation measures.
@Suite struct CrossValidationTests {
  private let bench: Bench

  /// Nothing is learned from the columns of `spec`, so that a fold can be trained from files as well.
  private static let spec = """
    {
      data: { train: "all.csv" },
      features: [
        { columns: ["city", "device", "hour"], type: "id", hash_bucket_size: 50, embedding_dim: 3 },
      ],
      tasks: [{ name: "click" }, { name: "purchase" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [6], tower_hidden_units: [] },
      training: { batch_size: 32, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
    }
    """

  init() throws {
    bench = try Bench()
    try bench.sample(rows: 400)
    _ = try bench.write(bench.text("train.csv"), to: "all.csv")
    _ = try bench.write(Self.spec, to: "spec.json5")
  }

  private func experiment(_ overrides: [String: String] = [:]) throws -> Experiment {
    try Experiment(contentsOf: "\(bench.path)/spec.json5", overrides: overrides)
  }

  /// The rows of a fold, trained and tested from two files, give the bits of the cross-validation.
  @Test(arguments: [[:], ["data.validation_fraction": "0.2"]])
  func aFoldIsATrainingRun(overrides: [String: String]) throws {
    let result = try experiment(overrides).crossValidate(FoldRule(count: 3))
    let lines = try bench.text("all.csv").split(separator: "\n")
    let folds = try Folds(3, rows: lines.count - 1, seed: 1)
    for (fold, rows) in zip(result.folds, folds.folds) {
      for (name, rows) in [("part.csv", rows.training), ("held.csv", rows.heldOut)] {
        let text = ([lines[0]] + rows.map { lines[Int($0) + 1] }).joined(separator: "\n")
        _ = try bench.write(text + "\n", to: name)
      }
      var files = overrides
      files["data.train"] = "\(bench.path)/part.csv"
      files["data.test"] = "\(bench.path)/held.csv"
      let run = try experiment(files).train()
      #expect(run.metrics.tasks == fold.metrics.tasks)
      let share = overrides.isEmpty ? 1 : 0.8
      #expect(fold.trainingRows == Int((share * Double(rows.training.count)).rounded()))
    }
  }

  @Test func threadsChangeNoBit() throws {
    var one = try experiment()
    one.threads = 1
    var several = one
    several.threads = 4
    let rule = FoldRule(count: 3, stratify: "click", groupColumn: "user_id")
    let (a, b) = (try one.crossValidate(rule), try several.crossValidate(rule))
    #expect(a.folds.map(\.metrics.tasks) == b.folds.map(\.metrics.tasks))
    #expect(a.folds.map(\.number) == [1, 2, 3])
  }

  @Test func summariesAreThoseOfTheFolds() throws {
    let result = try experiment().crossValidate(FoldRule(count: 4))
    let values = try result.folds.map { try #require($0.metrics["click"]?.auc) }
    let summary = try #require(result.summaries("click").first { $0.metric == .auc })
    let mean = values.reduce(0, +) / 4
    let (found, deviation) = (try #require(summary.mean), try #require(summary.deviation))
    #expect(summary.folds == 4 && abs(found - mean) < 1e-12)
    let variance = values.reduce(0) { $0 + pow($1 - mean, 2) } / 3
    #expect(abs(deviation - sqrt(variance)) < 1e-12)
  }

  @Test func rowsAreReadOnceAndTestRowsNever() throws {
    let recorder = Recorder()
    _ = try experiment(["data.test": "\(bench.path)/none.csv"])
      .crossValidate(FoldRule(count: 3), observer: recorder)
    var (read, folds) = (0, 0)
    for event in recorder.events {
      if case .read = event { read += 1 }
      if case .fold = event { folds += 1 }
    }
    #expect(read == 1 && folds == 3)
  }

  @Test func aRareClassIsRefusedWithItsCount() throws {
    var lines = try bench.text("all.csv").split(separator: "\n").map(String.init)
    let column = try #require(lines[0].split(separator: ",").firstIndex(of: "click"))
    for row in lines.indices.dropFirst() {
      var fields = lines[row].split(separator: ",", omittingEmptySubsequences: false).map(
        String.init)
      fields[column] = row <= 3 ? "1" : "0"
      lines[row] = fields.joined(separator: ",")
    }
    _ = try bench.write(lines.joined(separator: "\n") + "\n", to: "all.csv")
    let error = #expect(throws: ExperimentError.self) {
      try experiment().crossValidate(FoldRule(count: 5, stratify: "click"))
    }
    #expect(error?.kind == .data)
    #expect(error?.message.contains("positive labels has 3 rows, fewer than the 5 folds") == true)
  }
}
