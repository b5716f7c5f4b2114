import Data
import Experiments
import Foundation
import Schema
import Testing

/// Permutation importance of a trained plan.
@Suite struct ImportanceTests {
  /// Rows of which `signal` decides, `copy` says the same, `noise` and the items of `list` say nothing, and
  /// `amount` is twice the signal.
  private static let rows: [[String: String]] = {
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    return (0..<900).map { _ in
      let signal = Double(random(2001) - 1000) / 500
      let noise = Double(random(2001) - 1000) / 500
      return [
        "signal": "\(signal)", "noise": "\(noise)", "colour": ["red", "green", "blue"][random(3)],
        "list": (0...random(3)).map { _ in "i\(random(5))" }.joined(separator: "|"),
        "y": signal + Double(random(100) - 50) / 100 > 0 ? "1" : "0", "amount": "\(2 * signal)",
      ]
    }
  }()

  private static let columns = ["signal", "noise", "colour", "list", "y", "amount"]

  private static func table(_ rows: [[String: String]]) -> String {
    ([columns] + rows.map { row in columns.map { row[$0] ?? "" } })
      .map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  private static let spec = """
    {
      name: "known", data: { train: "train.csv", test: "train.csv" },
      features: [
        { columns: ["signal", "noise"], type: "numeric" },
        { name: "colour", type: "id", embedding_dim: 2 },
        { name: "list", type: "sequence", separator: "|", max_length: 4, embedding_dim: 2 },
      ],
      tasks: [{ name: "y" }, { name: "amount", loss: "mse" }],
      model: { type: "shared_bottom", bottom_hidden_units: [8], tower_hidden_units: [] },
      training: {
        batch_size: 50, eval_batch_size: 128, epochs: 12,
        optimizer: { type: "adam", learning_rate: 0.02 },
      },
    }
    """

  private func trained() throws -> (bench: Bench, plan: CompiledPlan) {
    let bench = try Bench()
    _ = try bench.write(Self.table(Self.rows), to: "train.csv")
    let experiment = try Experiment(contentsOf: bench.write(Self.spec, to: "spec.json5"))
    return (bench, try CompiledPlan(experiment.train()))
  }

  @Test func findsWhatDecides() throws {
    let (bench, plan) = try trained()
    let predictor = try Predictor(plan, threads: 2)
    let report = try predictor.importance(["\(bench.path)/train.csv"])
    #expect(report.rows == 900 && report.repetitions == 5)
    #expect(report.tasks.map(\.name) == ["y", "amount"])
    #expect(report.tasks.map(\.metric) == [.auc, .rootMeanSquaredError])
    #expect(report.entries.count == 4)
    let first = try #require(report.entries.first)
    #expect(first.features == ["signal"])
    #expect(try #require(first.losses[0]).mean > 0.3)
    #expect(try #require(first.losses[1]).mean > 1)
    for entry in report.entries.dropFirst() {
      #expect(abs(try #require(entry.losses[0]).mean) < 0.02, "\(entry.features)")
    }
    // On one thread, and with the same seed again.
    #expect(
      try Predictor(plan, threads: 1).importance(["\(bench.path)/train.csv"]) == report)
    #expect(try predictor.importance(["\(bench.path)/train.csv"], seed: 2) != report)
  }

  /// The same as the metrics of a file in which the column was dealt out.
  @Test(arguments: [["signal"], ["colour"], ["list"], ["noise", "list", "colour"]])
  func agreesWithAnEvaluation(features: [String]) throws {
    let (bench, plan) = try trained()
    let predictor = try Predictor(plan, threads: 2)
    let path = "\(bench.path)/train.csv"
    let base = try predictor.evaluate([path])
    let report = try predictor.importance([path], together: [features], repetitions: 3, seed: 5)
    let entry = try #require(report.entries.first { $0.features == features })
    #expect(report.entries.count == 5 - features.count)
    var drops: [Double] = []
    for repetition in 0..<3 {
      let order = Shuffle(seed: 5).permutation(epoch: repetition, count: Self.rows.count)
      var rows = Self.rows
      for row in rows.indices {
        for feature in features { rows[row][feature] = Self.rows[Int(order[row])][feature] }
      }
      let dealt = try bench.write(Self.table(rows), to: "dealt.csv")
      let auc = try #require(predictor.evaluate([dealt])["y"]?.auc)
      drops.append(try #require(base["y"]?.auc) - auc)
    }
    let mean = drops.reduce(0, +) / 3
    let loss = try #require(entry.losses[0])
    #expect(abs(loss.mean - mean) < 1e-12)
    let variance = drops.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
    #expect(abs(loss.error - 1.96 * (variance / 3).squareRoot()) < 1e-4)
  }

  @Test func mistakesAreNamed() throws {
    let (bench, plan) = try trained()
    let predictor = try Predictor(plan)
    func message(_ together: [[String]]) throws -> String {
      try #require(throws: ExperimentError.self) {
        try predictor.importance(["\(bench.path)/train.csv"], together: together)
      }.description
    }
    #expect(try message([["signl", "noise"]]).contains("did you mean signal?"))
    #expect(try message([["noise", "signal"], ["noise"]]).contains("named twice"))
    // One class only: there is no area that could fall.
    let same = try bench.write(
      Self.table(Self.rows.map { $0.merging(["y": "1"]) { $1 } }), to: "ones.csv")
    let report = try predictor.importance([same], repetitions: 1)
    #expect(report.tasks[0].value.value == nil)
    #expect(report.entries.allSatisfy { $0.losses[0] == nil && $0.losses[1] != nil })
  }
}
