import Data
import Experiments
import Foundation
import Plan
import Schema
import Testing

/// Reports of trained plans: their numbers against counting by hand, and faults that are put in.
@Suite struct ModelReportTests {
  /// Rows of which `signal` decides one task and its opposite another; `noise` says nothing, and in city
  /// `far` the first task follows other odds than the model can learn from what it is shown.
  private static func rows(_ count: Int) -> [[String: String]] {
    var state: UInt64 = 11
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    return (0..<count).map { _ in
      let signal = Double(random(2001) - 1000) / 500
      return [
        "signal": "\(signal)", "noise": "\(Double(random(2001) - 1000) / 500)",
        "city": ["near", "far", "middle"][random(3)],
        "y": signal + Double(random(300) - 150) / 100 > 0 ? "1" : "0",
        "z": -signal + Double(random(300) - 150) / 100 > 0.5 ? "1" : "0",
      ]
    }
  }

  private static let columns = ["signal", "noise", "city", "y", "z"]

  private static func table(_ rows: [[String: String]]) -> String {
    ([columns] + rows.map { row in columns.map { row[$0] ?? "" } })
      .map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  private static func spec(_ training: String = "epochs: 8") -> String {
    """
    {
      name: "known", data: { train: "train.csv", test: "test.csv" },
      features: [
        { columns: ["signal", "noise"], type: "numeric" },
        { name: "city", type: "id", embedding_dim: 2 },
      ],
      tasks: [{ name: "y" }, { name: "z" }],
      model: { type: "mmoe", num_experts: 3, expert_hidden_units: [6], tower_hidden_units: [4] },
      training: {
        batch_size: 50, optimizer: { type: "adam", learning_rate: 0.01 }, \(training),
      },
    }
    """
  }

  private struct Trained {
    let bench: Bench
    let run: Run
    var plan: Plan
    var test: String { "\(bench.path)/test.csv" }
  }

  private func trained(_ training: String = "epochs: 8", test: [[String: String]]? = nil)
    throws -> Trained
  {
    let bench = try Bench()
    let all = Self.rows(2400)
    _ = try bench.write(Self.table(Array(all[..<1600])), to: "train.csv")
    _ = try bench.write(Self.table(test ?? Array(all[1600...])), to: "test.csv")
    let experiment = try Experiment(contentsOf: bench.write(Self.spec(training), to: "s.json5"))
    let run = try experiment.train()
    return Trained(bench: bench, run: run, plan: try run.plan)
  }

  private func kinds(_ report: ModelReport) -> Set<ReportFinding.Kind> {
    Set(report.findings.map(\.kind))
  }

  /// Changes a parameter of a plan.
  private func change(
    _ plan: inout Plan, _ name: String, _ value: (_ row: Int, _ column: Int) -> Float
  ) throws {
    let record = try #require(plan.parameters.first { $0.name == name })
    for row in 0..<record.rows {
      for column in 0..<record.columns {
        plan.weights?[record.offset + row * record.rowStride + column] = value(row, column)
      }
    }
  }

  private func parameter(_ plan: Plan, _ name: String) throws -> (Int, Int) -> Float {
    let record = try #require(plan.parameters.first { $0.name == name })
    let weights = try #require(plan.weights)
    return { row, column in weights[record.offset + row * record.rowStride + column] }
  }

  private func report(_ trained: Trained, _ plan: Plan) throws -> ModelReport {
    try CompiledPlan(plan).report([trained.test], threads: 2)
  }

  // MARK: Numbers

  @Test func numbersAreThoseOfTheRows() throws {
    let trained = try trained()
    let report = try trained.run.report(threads: 2)
    #expect(report.evaluation == trained.run.metrics)
    #expect(report.sampledRows == 800 && report.set == "test rows")
    // Predictions as a file has them.
    let output = "\(trained.bench.path)/out.csv"
    try Predictor(CompiledPlan(trained.plan)).predict(
      file: trained.test, keep: ["y", "city"], to: output)
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      .dropFirst().map { $0.split(separator: ",").map(String.init) }
    let labels = lines.map { Double($0[0]) ?? -1 }
    let predictions = lines.map { Double($0[2]) ?? -1 }
    let task = try #require(report.tasks.first)
    #expect(task.task == "y" && task.rows == 800)
    #expect(task.reliability.reduce(0) { $0 + $1.rows } == 800)
    let expected = predictions.reduce(0, +)
    let found = task.reliability.reduce(0) { $0 + $1.prediction * Double($1.rows) }
    #expect(abs(found - expected) < 1e-3)
    let histogram = try #require(task.histogram)
    #expect(histogram.positives.reduce(0, +) == labels.count { $0 == 1 })
    #expect(histogram.negatives.reduce(0, +) == labels.count { $0 == 0 })
    // A part of the rows.
    let slice = try #require(
      report.slices.first { $0.task == "y" && $0.feature == "city" && $0.value == "far" })
    let rows = lines.indices.filter { lines[$0][1] == "far" }
    #expect(slice.rows == rows.count)
    let positive = rows.filter { labels[$0] == 1 }
    let negative = rows.filter { labels[$0] == 0 }
    #expect(abs(slice.label - Double(positive.count) / Double(rows.count)) < 1e-12)
    var pairs = 0.0
    for p in positive {
      for n in negative {
        pairs += predictions[p] > predictions[n] ? 1 : predictions[p] == predictions[n] ? 0.5 : 0
      }
    }
    let area = pairs / Double(positive.count * negative.count)
    #expect(abs(area - (slice.score.value ?? 0)) < 1e-9)
    // The part that is most clearly worse than all rows comes first.
    #expect(report.slices.filter { $0.task == "y" }.count == 13)
    let first = try #require(report.slices.first)
    #expect(try #require(first.score.value) < task.auc(of: report))
  }

  @Test func equalRunsGiveEqualReports() throws {
    let trained = try trained()
    let (one, three) = (
      try trained.run.report(threads: 1), try trained.run.report(threads: 3)
    )
    #expect("\(one)" == "\(three)")
  }

  @Test func gatesSayWhatTheirWeightsAre() throws {
    let trained = try trained()
    var plan = trained.plan
    // A gate without a kernel gives the same weights in every row: the softmax of its biases.
    try change(&plan, "gates.y.kernel") { _, _ in 0 }
    try change(&plan, "gates.y.bias") { _, column in Float(column) }
    let report = try report(trained, plan)
    let gate = try #require(report.gates.first { $0.name == "gates.y" })
    #expect(gate.experts == ["experts.0", "experts.1", "experts.2"])
    let weights = (0..<3).map { exp(Double($0)) }
    let sum = weights.reduce(0, +)
    for (found, weight) in zip(gate.weights, weights) { #expect(abs(found - weight / sum) < 1e-6) }
    let entropy = -weights.reduce(0) { $0 + $1 / sum * log($1 / sum) } / log(3)
    #expect(abs(gate.entropy - entropy) < 1e-6)
    #expect(gate.deviations.allSatisfy { $0 < 1e-6 })
    let other = try #require(report.gates.first { $0.name == "gates.z" })
    #expect(abs(other.weights.reduce(0, +) - 1) < 1e-6)
  }

  // MARK: Faults that are put in

  @Test func soundModelHasNoFinding() throws {
    let trained = try trained()
    let report = try trained.run.report()
    let bad: Set<ReportFinding.Kind> = [
      .collapsedGate, .alikeExperts, .dominantFeature, .miscalibratedSlice, .overfitting,
      .untrainedRows, .funnelOrder,
    ]
    #expect(kinds(report).isDisjoint(with: bad), "\(report.findings)")
  }

  @Test func findsFeaturesWithoutEffect() throws {
    let trained = try trained()
    var plan = trained.plan
    // The model reads the city's two numbers, then signal and noise.
    let kernels =
      (0..<3).map { "experts.\($0).dense.0.kernel" } + ["gates.y.kernel", "gates.z.kernel"]
    for name in kernels {
      let old = try parameter(plan, name)
      try change(&plan, name) { row, column in row == 3 ? 0 : old(row, column) }
    }
    let report = try report(trained, plan)
    let useless = try #require(report.findings.first { $0.kind == .uselessFeature })
    #expect(useless.subject.contains("noise") && !useless.subject.contains("signal"))
    let entry = try #require(report.importance?.entries.first { $0.features == ["noise"] })
    #expect(entry.losses.compactMap { $0?.mean } == [0, 0])
  }

  @Test func findsIdenticalExperts() throws {
    let trained = try trained()
    var plan = trained.plan
    for name in ["kernel", "bias"] {
      let first = try parameter(plan, "experts.0.dense.0.\(name)")
      for expert in 1...2 { try change(&plan, "experts.\(expert).dense.0.\(name)", first) }
    }
    let report = try report(trained, plan)
    #expect(kinds(report).contains(.alikeExperts))
    let family = try #require(report.experts.first)
    #expect(family.similarity.joined().allSatisfy { $0 > 0.9999 })
    // The same units in another order, scaled, are alike too.
    let first = try parameter(plan, "experts.0.dense.0.kernel")
    try change(&plan, "experts.1.dense.0.kernel") { 2 * first($0, 5 - $1) }
    let bias = try parameter(plan, "experts.0.dense.0.bias")
    try change(&plan, "experts.1.dense.0.bias") { 2 * bias($0, 5 - $1) }
    #expect(try self.report(trained, plan).experts[0].similarity[0][1] > 0.9999)
  }

  @Test func findsCollapsedGatesAndUnusedExperts() throws {
    let trained = try trained()
    var plan = trained.plan
    for task in ["y", "z"] {
      try change(&plan, "gates.\(task).kernel") { _, _ in 0 }
      try change(&plan, "gates.\(task).bias") { _, column in column == 1 ? 6 : 0 }
    }
    let report = try report(trained, plan)
    #expect(report.findings.count { $0.kind == .collapsedGate } == 2)
    let unused = try #require(report.findings.first { $0.kind == .unusedExpert })
    #expect(unused.subject == "experts.0, experts.2")
  }

  @Test func findsDeadUnits() throws {
    let trained = try trained()
    var plan = trained.plan
    try change(&plan, "experts.2.dense.0.bias") { _, column in column < 4 ? -100 : 0 }
    let report = try report(trained, plan)
    #expect(report.experts[0].deadShares[2] >= 4.0 / 6)
    #expect(kinds(report).contains(.deadUnits))
  }

  @Test func findsMiscalibratedParts() throws {
    // In the test rows the first task happens more often in one city.
    let rows = Self.rows(2400)[1600...].map { row in
      row["city"] == "far" ? row.merging(["y": "1"]) { $1 } : row
    }
    let trained = try trained(test: Array(rows))
    let report = try trained.run.report()
    let finding = try #require(report.findings.first { $0.kind == .miscalibratedSlice })
    #expect(finding.subject == "y" && finding.message.contains("city is far"))
  }

  @Test func findsLeaks() throws {
    let trained = try trained()
    let bench = trained.bench
    let rows = Self.rows(1200).map { $0.merging(["signal": $0["y"] ?? ""]) { $1 } }
    _ = try bench.write(Self.table(Array(rows[..<800])), to: "train.csv")
    _ = try bench.write(Self.table(Array(rows[800...])), to: "test.csv")
    let run = try Experiment(contentsOf: bench.write(Self.spec(), to: "leak.json5")).train()
    let report = try run.report()
    #expect(report.findings.contains { $0.kind == .dominantFeature && $0.subject == "signal" })
    // What `check` finds is there too.
    #expect(report.findings.contains { $0.kind == .data })
  }

  @Test func findsOverfitting() throws {
    // Hardly any rows, many epochs, and a validation part.
    let bench = try Bench()
    _ = try bench.write(Self.table(Array(Self.rows(120))), to: "train.csv")
    let spec = Self.spec("epochs: 60, shuffle: true").replacingOccurrences(
      of: "test: \"test.csv\"", with: "validation_fraction: 0.4"
    )
    .replacingOccurrences(of: "learning_rate: 0.01", with: "learning_rate: 0.05")
    .replacingOccurrences(of: "expert_hidden_units: [6]", with: "expert_hidden_units: [64]")
    let run = try Experiment(contentsOf: bench.write(spec, to: "s.json5")).train()
    let report = try run.report()
    #expect(kinds(report).contains(.overfitting), "\(report.findings)")
    #expect(report.history?.validation.isEmpty == false)
  }
  @Test func findsConflictsOfTasks() throws {
    // One unit cannot follow two numbers: each task pulls it to its own.
    let bench = try Bench()
    let rows = Self.rows(1600).map { row in
      let other = Double(row["noise"] ?? "") ?? 0
      return row.merging(["z": other > 0 ? "1" : "0"]) { $1 }
    }
    _ = try bench.write(Self.table(Array(rows[..<1200])), to: "train.csv")
    _ = try bench.write(Self.table(Array(rows[1200...])), to: "test.csv")
    func report(_ units: Int) throws -> ModelReport {
      let spec = Self.spec("epochs: 30").replacingOccurrences(
        of: #"type: "mmoe", num_experts: 3, expert_hidden_units: [6], tower_hidden_units: [4]"#,
        with: #"type: "shared_bottom", bottom_hidden_units: [\#(units)], tower_hidden_units: []"#)
      return try Experiment(contentsOf: bench.write(spec, to: "s.json5"))
        .train(diagnoses: .conflicts).report()
    }
    let narrow = try report(1)
    let series = try #require(narrow.history?.conflicts.first)
    #expect(series.name == "y and z")
    #expect(series.points.allSatisfy { abs($0.y) <= 1.000001 })
    #expect(kinds(narrow).contains(.conflict), "\(series.points)")
  }

  @Test func lookingChangesNothing() throws {
    let bench = try Bench()
    let rows = Self.rows(2400)
    _ = try bench.write(Self.table(Array(rows[..<1600])), to: "train.csv")
    _ = try bench.write(Self.table(Array(rows[1600...])), to: "test.csv")
    let experiment = try Experiment(contentsOf: bench.write(Self.spec(), to: "s.json5"))
    let (plain, looked) = (try experiment.train(), try experiment.train(diagnoses: .conflicts))
    #expect(try plain.plan == looked.plan && plain.metrics.tasks == looked.metrics.tasks)
    #expect(try looked.report().history?.conflicts.count == 1)
    #expect(try plain.report().history?.conflicts.isEmpty == true)
  }

  @Test func tablesCountTheirIds() throws {
    let trained = try trained()
    let report = try trained.run.report()
    let table = try #require(report.tables.first { $0.name == "city" })
    #expect(table.rows == 4 && table.columns == 2)
    // Three cities in 800 rows, and the row of unknown ones, which does not occur.
    #expect(table.bins.reduce(0) { $0 + $1.ids } == 4)
    #expect(table.bins.first?.leastCount == 0 && table.bins.first?.ids == 1)
    #expect(table.bins.dropFirst().allSatisfy { $0.leastCount == 128 || $0.leastCount == 256 })
  }
}

extension TaskReport {
  fileprivate func auc(of report: ModelReport) -> Double { report.evaluation[task]?.auc ?? 0 }
}
