import Experiments
import Foundation
import Plan
import Schema
import Testing

/// Training that goes on from an earlier plan on the rows of another day.
@Suite struct WarmStartTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  /// Rows whose label depends on their city; day 2 has ids that day 1 has not, and lacks some.
  private func write(_ name: String, cities: Range<Int>, offset: Double = 0) throws {
    let rows = (0..<400).map { row in
      let city = cities.lowerBound + (row * 7) % cities.count
      let click = (city + row / 3) % 4 < 2 ? 1 : 0
      return "c\(city),\(Double(row % 10) + offset),\(click),\(1000 + 10 * city)"
    }
    _ = try bench.write(
      (["city,age,click,spend"] + rows).joined(separator: "\n") + "\n", to: name)
  }

  private func spec(
    _ train: String, _ training: String, features: String = "",
    tasks: String = "{ name: 'click' }", overrides: [String: String] = [:]
  ) throws -> Experiment {
    try Experiment(
      contentsOf: bench.write(
        """
        {
          data: { train: "\(train)" },
          features: [
            { name: "city", type: "id", embedding_dim: 4 },
            { name: "age", type: "numeric", normalizer: "zscore" },\(features)
          ],
          tasks: [\(tasks)],
          model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
          training: { batch_size: 50, epochs: 2, \(training) },
        }
        """, to: "\(train).json5"), overrides: overrides)
  }

  private func day1(tasks: String = "{ name: 'click' }") throws -> Run {
    try write("day1.csv", cities: 0..<8)
    let run = try spec("day1.csv", "seed: 1", tasks: tasks).train()
    try run.plan.write(to: "\(bench.path)/day1.bin")
    return run
  }

  /// With a learning rate of 0 the parameters stay what they began with.
  private static let still = """
    initialize_from: "day1.bin", seed: 9, optimizer: { type: "sgd", learning_rate: 1e-30 }
    """

  @Test(arguments: Mode.allCases) func rowsKeepTheirIds(mode: Mode) throws {
    let first = try day1()
    try write("day2.csv", cities: 3..<12)
    let second = try spec("day2.csv", Self.still).train(mode)
    let (old, new) = (try first.plan, try second.plan)
    guard case .id(.vocabulary(let before)) = old.schema.features[0].encoder,
      case .id(.vocabulary(let after)) = new.schema.features[0].encoder
    else { throw TestError("no vocabularies") }
    #expect(Array(after.prefix(before.count)) == before)
    #expect(Set(after) == Set((0..<12).map { "c\($0)" }))
    #expect(new.schema.features[1].encoder == old.schema.features[1].encoder)
    for record in old.parameters {
      let (a, b) = (values(record.name, old), values(record.name, new))
      // Ids that day 2 lacks keep what day 1 has learned, in place of a mean of the others.
      #expect(Array(b.prefix(a.count)) == a, "\(record.name)")
      #expect((b.count > a.count) == (record.name == "embedding.city"))
    }
    // New ids are trained rows of their own.
    let table = values("embedding.city", new)
    let fresh = (before.count + 1)..<(after.count + 1)
    #expect(Set(fresh.map { table[4 * $0] }).count == 4)
  }

  private func values(_ name: String, _ plan: Plan) -> [Float] {
    guard let record = plan.parameters.first(where: { $0.name == name }),
      let weights = plan.weights
    else { return [] }
    return (0..<record.rows).flatMap { (row: Int) -> ArraySlice<Float> in
      let start = record.offset + row * record.rowStride
      return weights[start..<start + record.columns]
    }
  }

  @Test func normalisersMayBeLearnedAnew() throws {
    let first = try day1()
    try write("day2.csv", cities: 0..<8, offset: 100)
    let kept = try spec("day2.csv", Self.still).train()
    let fitted = try spec("day2.csv", Self.still + ", initialize_normalizers: 'fit'").train()
    let encoders = try [first, kept, fitted].map { try $0.plan.schema.features[1].encoder }
    #expect(encoders[0] == encoders[1])
    #expect(encoders[0] != encoders[2])
  }

  /// A regression keeps the scale that its tower has learned.
  @Test func predictionsStayInTheUnitOfTheLabel() throws {
    let tasks = "{ name: 'spend', loss: 'mse' }"
    let first = try day1(tasks: tasks)
    try write("day2.csv", cities: 5..<8)
    let second = try spec("day2.csv", Self.still, tasks: tasks).train()
    let row = [["city": "c6", "age": "3"]]
    let (a, b) = (
      try Predictor(CompiledPlan(first.plan)).predict(row),
      try Predictor(CompiledPlan(second.plan)).predict(row)
    )
    #expect(a["spend"] == b["spend"])
  }

  @Test func refusesPlansThatDoNotFit() throws {
    _ = try day1()
    func message(_ experiment: Experiment) throws -> String {
      let error = try #require(throws: ExperimentError.self) { try experiment.train() }
      #expect(error.kind == .plan, "\(error)")
      return error.description
    }
    let other = try message(
      try spec(
        "day1.csv", Self.still, features: "{ name: 'spend', type: 'numeric' },",
        tasks: "{ name: 'click' }, { name: 'again', label: 'click' }"))
    for part in [
      "day1.bin: the plan does not fit the spec",
      "experts.0.dense.0.kernel is [5, 8] there and [6, 8] here",
      "gates.again.kernel is not in it",
    ] { #expect(other.contains(part), "\(other)") }
    let kind = try message(
      try spec(
        "day1.csv", Self.still, overrides: ["features.0.hash_bucket_size": "50"]))
    #expect(kind.contains("the feature \"city\" is encoded in another way"), "\(kind)")
    // The sums of FTRL are in units of its rate.
    func ftrl(_ rate: String, _ more: String) throws -> Experiment {
      try spec(
        "day1.csv",
        "seed: 1, sparse_optimizer: { type: 'ftrl', learning_rate: \(rate) }, \(more)")
    }
    try ftrl("0.1", "save_optimizer: true").train().plan.write(to: "\(bench.path)/ftrl.bin")
    let going = "initialize_from: 'ftrl.bin', initialize_optimizer: 'keep'"
    _ = try ftrl("0.1", going).train()
    _ = try ftrl("0.2", "initialize_from: 'ftrl.bin'").train()
    let rate = try message(try ftrl("0.2", going))
    #expect(rate.contains("the learning rate of ftrl is 0.1 there and 0.2 here"), "\(rate)")
    try spec("day1.csv", "seed: 1").compile().write(to: "\(bench.path)/raw.bin")
    let raw = try message(try spec("day1.csv", "initialize_from: 'raw.bin'"))
    #expect(raw.contains("raw.bin: the plan is not trained"), "\(raw)")
  }
}

private struct TestError: Error {
  var message: String
  init(_ message: String) { self.message = message }
}
