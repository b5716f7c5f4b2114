import Experiments
import Foundation
import Plan
import Schema
import Testing

/// Training that goes on from an earlier plan with the states of its optimizer.
@Suite struct OptimizerStateTests {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    let rows = (0..<400).map { row in
      let city = (row * 7) % 9
      return "c\(city),\(row % 10),\((city + row / 3) % 4 < 2 ? 1 : 0)"
    }
    _ = try bench.write(
      (["city,age,click"] + rows).joined(separator: "\n") + "\n", to: "train.csv")
  }

  /// Rows in one order, so that two epochs after two others are four.
  private func spec(
    _ optimizer: String, epochs: Int, _ more: String = "", batch: Int = 50
  ) throws -> Experiment {
    try Experiment(
      contentsOf: bench.write(
        """
        {
          name: "small", data: { train: "train.csv" },
          features: [
            { name: "city", type: "id", embedding_dim: 4, encoding: "embedding" },
            { name: "age", type: "numeric" },
          ],
          tasks: [{ name: "click" }],
          model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
          training: { batch_size: \(batch), shuffle: false, epochs: \(epochs), \(optimizer), \(more) },
        }
        """, to: "spec.json5"))
  }

  /// The weights but for the row of unknown cities, which is set when training ends.
  private func weights(_ plan: Plan) throws -> [Float] {
    var weights = try #require(plan.weights)
    let table = try #require(plan.parameters.first { $0.name == "embedding.city" })
    for k in 0..<table.columns { weights[table.offset + k] = 0 }
    return weights
  }

  private static let optimizers = [
    "optimizer: { type: 'adam', learning_rate: 0.02 }",
    "optimizer: { type: 'sgd', learning_rate: 0.1, momentum: 0.9 }",
    "optimizer: { type: 'adagrad', learning_rate: 0.1 }",
    "optimizer: { type: 'sgd', learning_rate: 0.1 }, sparse_optimizer: { type: 'lazy_adam' }",
    "optimizer: { type: 'adam' }, sparse_optimizer: { type: 'rowwise_adagrad', learning_rate: 0.2 }",
    "optimizer: { type: 'adam' }, sparse_optimizer: { type: 'ftrl', learning_rate: 0.2 }",
  ]

  /// Two epochs and then two more are four, bit for bit.
  @Test(arguments: optimizers, Mode.allCases)
  func trainingGoesOnAsIfItHadNotEnded(optimizer: String, mode: Mode) throws {
    let whole = try spec(optimizer, epochs: 4).train(mode).plan
    try spec(optimizer, epochs: 2, "save_optimizer: true").train(mode).plan
      .write(to: "\(bench.path)/half.bin")
    let from = "initialize_from: 'half.bin'"
    let kept = try spec(optimizer, epochs: 2, "\(from), initialize_optimizer: 'keep'").train(mode)
    #expect(try weights(kept.plan) == weights(whole))
    let dropped = try spec(optimizer, epochs: 2, from).train(mode)
    #expect(try weights(dropped.plan) != weights(whole))
  }

  /// Three parts: the count of steps goes on over all of them, through a compiled plan too.
  @Test func threeParts() throws {
    let optimizer = Self.optimizers[0]
    let whole = try spec(optimizer, epochs: 3).train().plan
    try spec(optimizer, epochs: 1, "save_optimizer: true").train().plan
      .write(to: "\(bench.path)/part.bin")
    let more = "save_optimizer: true, initialize_from: 'part.bin', initialize_optimizer: 'keep'"
    let second = try spec(optimizer, epochs: 1, more).train().plan
    try second.write(to: "\(bench.path)/part.bin")
    let third = try spec(optimizer, epochs: 1, more)
    try third.compile().write(to: "\(bench.path)/raw.bin")
    let trained = try third.train().plan
    #expect(try weights(trained) == weights(whole))
    #expect(try CompiledPlan(contentsOf: "\(bench.path)/raw.bin").train().plan == trained)
    #expect(try third.compare(steps: 4).agrees)
  }

  /// Ids that are new begin without a history, those that are known with theirs.
  @Test func newRowsHaveNoHistory() throws {
    let optimizer = Self.optimizers[3]
    try spec(optimizer, epochs: 2, "save_optimizer: true").train().plan
      .write(to: "\(bench.path)/half.bin")
    let old = try bench.text("train.csv")
    _ = try bench.write(old + "new,3,1\n", to: "train.csv")
    let plan = try spec(
      optimizer, epochs: 1, "initialize_from: 'half.bin', initialize_optimizer: 'keep'"
    ).compile().plan
    let rows = try #require(plan.initial?["embedding.city"])
    let table = try #require(plan.parameters.first { $0.name == "embedding.city" })
    #expect(rows.ranges == [0..<10] && table.rows == 11)
    #expect(rows.states.map(\.count) == [40, 40])
    #expect(plan.initial?.step == 16)
  }

  @Test func refusesPlansWithoutThem() throws {
    func message(_ optimizer: String, _ more: String) throws -> String {
      let error = try #require(throws: ExperimentError.self) {
        try spec(optimizer, epochs: 1, more).train()
      }
      return error.description
    }
    let (adam, keep) = (Self.optimizers[0], "initialize_optimizer: 'keep'")
    try spec(adam, epochs: 1).train().plan.write(to: "\(bench.path)/bare.bin")
    #expect(
      try message(adam, "initialize_from: 'bare.bin', \(keep)")
        .contains("bare.bin: the plan holds no states of its optimizer"))
    #expect(try message(adam, keep).contains("goes only with \"initialize_from\""))
    try spec(adam, epochs: 1, "save_optimizer: true").train().plan
      .write(to: "\(bench.path)/full.bin")
    let from = "initialize_from: 'full.bin', \(keep)"
    #expect(
      try message(Self.optimizers[2], from)
        .contains("the optimizer is adam there and adagrad here"))
    #expect(
      try message(Self.optimizers[4], from)
        .contains("the optimizer of tables is none there and rowwise_adagrad here"))
  }

  /// A plan with them predicts as one without.
  @Test func plansWithStatesPredict() throws {
    let (adam, row) = (Self.optimizers[0], [["city": "c3", "age": "4"]])
    let plain = try spec(adam, epochs: 2).train()
    let full = try spec(adam, epochs: 2, "save_optimizer: true").train()
    #expect(try full.plan.progress?.states.count == 2)
    #expect(try plain.plan.weights == full.plan.weights)
    try full.plan.write(to: "\(bench.path)/full.bin")
    let read = try Predictor(contentsOf: "\(bench.path)/full.bin").predict(row)
    #expect(try read["click"] == Predictor(CompiledPlan(plain.plan)).predict(row)["click"])
  }
}
