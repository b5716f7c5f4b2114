import Experiments
import Foundation
import Schema
import Testing

/// What rows give away that is possible but seldom meant: `check` and `train` tell the same.
@Suite struct DataFindingsTests {
  /// The text of a row's cell.
  private typealias Cell = @Sendable (Int) -> String

  /// Rows of columns, each a function of the row, as the files of an experiment.
  private func experiment(
    _ columns: [(name: String, cell: Cell)], rows: Int = 200, test: Int? = nil,
    features: String, tasks: String = "[{ name: \"y\" }]",
    model: String = "type: \"shared_bottom\"",
    data: String = "", testCells: [String: Cell] = [:]
  ) throws -> Experiment {
    let bench = try Bench()
    func table(_ count: Int, _ cells: [String: Cell]) -> String {
      let lines = (0..<count).map { row in
        columns.map { (cells[$0.name] ?? $0.cell)(row) }.joined(separator: ";")
      }
      return ([columns.map(\.name).joined(separator: ";")] + lines).joined(separator: "\n") + "\n"
    }
    _ = try bench.write(table(rows, [:]), to: "train.csv")
    if let test { _ = try bench.write(table(test, testCells), to: "test.csv") }
    return try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "train.csv", \(test == nil ? "" : "test: \"test.csv\",") delimiter: ";", \(data) },
          features: \(features), tasks: \(tasks), model: { \(model) },
          training: { epochs: 1, batch_size: 64 } }
        """, to: "spec.json5"))
  }

  /// The findings, which must also be the warnings of a training run.
  private func findings(_ experiment: Experiment) throws -> [Finding] {
    let findings = try experiment.check()
    let recorder = Recorder()
    _ = try experiment.train(observer: recorder)
    let warnings = recorder.events.compactMap { event in
      if case .warning(let text) = event { text } else { nil }
    }
    #expect(warnings == findings.map(\.message))
    return findings
  }

  private static let label: (name: String, cell: Cell) = ("y", { "\($0 * 7 % 10 / 5)" })
  private static let noise: (name: String, cell: Cell) = ("x", { "\($0 * 37 % 101)" })

  @Test func leakOfABinaryLabelInTraining() throws {
    let found = try findings(
      experiment(
        [Self.noise, Self.label, ("copy", { Self.label.cell($0) == "1" ? "yes" : "no" })],
        features: "[{ name: \"x\", type: \"numeric\" }, { name: \"copy\", type: \"id\" }]"))
    #expect(found.map(\.kind) == [.leakage])
    #expect(
      found.first?.message.contains("feature copy alone ranks task y with AUC 1.0000") == true)
  }

  @Test func leaksOfNumbersAndClasses() throws {
    let number: @Sendable (Int) -> Int = { $0 * 31 % 97 }
    let found = try findings(
      experiment(
        [
          Self.noise, ("y", { "\(number($0))" }), ("k", { ["a", "b", "c"][$0 % 3] }),
          ("double", { "\(2 * number($0) + 1)" }), ("code", { "c\($0 % 3)" }),
        ],
        features: """
          [{ columns: ["x", "double"], type: "numeric" }, { name: "code", type: "id" }]
          """,
        tasks: """
          [{ name: "y", loss: "mse" }, { name: "k", classes: ["a", "b", "c"] }]
          """))
    #expect(found.map(\.kind) == [.leakage, .leakage])
    #expect(found.map(\.subject) == ["double", "code"])
  }

  /// Ids that the encoding knows and training does not have, whatever the encoding is.
  @Test(arguments: ["num_ids: 20", "vocab_list: [\"1\", \"2\", \"3\", \"11\", \"12\"]", ""])
  func idsThatTrainingNeverHad(source: String) throws {
    let experiment = try experiment(
      [("id", { "\($0 % 3 + 1)" }), Self.noise, Self.label], test: 100,
      features: "[{ name: \"x\", type: \"numeric\" }, { name: \"id\", type: \"id\", \(source) }]",
      testCells: ["id": { $0 % 2 == 0 ? "1" : "11" }])
    let found = try findings(experiment).filter { $0.kind == .unknownInTest }
    #expect(found.first?.message.contains("id: 50.0 % of the test values") == true)
    let test = try #require(try experiment.statistics().test)
    #expect(test.features[1].outOfVocabularyShare == 0.5)
  }

  @Test(arguments: [
    ("num_ids: 5", "30.0 % of the training values are outside 0…4"),
    ("vocab_list: [\"0\", \"1\"]", "60.0 % of the training values are not in its vocabulary"),
    ("min_frequency: 100", "100.0 % of the training values are rarer than min_frequency"),
  ]) func idsThatTheEncodingDoesNotHold(source: String, words: String) throws {
    let found = try findings(
      experiment(
        [("id", { "\([0, 1, 2, 3, 4, 5, 6, 7, 0, 1][$0 % 10])" }), Self.noise, Self.label],
        features: """
          [{ name: "x", type: "numeric" }, { name: "id", type: "id", \(source) }]
          """))
    #expect(found.map(\.kind) == [.unknownInTraining], "\(found)")
    #expect(found.first?.message.contains(words) == true, "\(found)")
  }

  @Test(arguments: 0..<10) func lists(number: Int) throws {
    let cases: [(cell: Cell, options: String, kind: Finding.Kind, words: String)] = [
      ({ "\($0 % 3) \($0 % 5)" }, "", .separator, "hold \" \": is that the separator?"),
      ({ "\($0 % 3):0.5|\($0 % 5):2" }, "", .unreadWeights, "weighted: true"),
      ({ "[\($0 % 3)|\($0 % 5)]" }, "", .separator, "brackets"),
      (
        { "\($0 % 3):1|\($0 % 5):\($0 % 4 == 0 ? "-1" : "1")" }, "weighted: true", .weights,
        "50 of 200 rows hold negative weights, in 50 of them the weights cancel each other"
      ),
      (
        { "\($0 % 3)\u{3}0.5|\($0 % 5)\u{3}2" }, "", .separator,
        "hold \"\\u{3}\" between a key and a value"
      ),
      ({ "\($0 % 3)\u{3}0.5" }, "weighted: true", .separator, "as Hive writes maps"),
      ({ "\($0 % 3)|\($0 % 5)" }, "weighted: true", .unreadWeights, "each item weighs 1"),
      ({ _ in "" }, "", .noValues, "no value at all"),
      ({ $0 % 100 == 0 ? "1|2" : "" }, "", .fewValues, "fewer than 2 %"),
      (
        { $0 % 4 == 0 ? "nan" : "\($0 % 3)|\($0 % 5)" }, "", .missingMarkers,
        "missing: [\"\", \"nan\"]"
      ),
    ]
    let (cell, options, kind, words) = cases[number]
    let found = try findings(
      experiment(
        [("list", cell), Self.noise, Self.label],
        features: """
          [{ name: "x", type: "numeric" }, { name: "list", type: "sequence", \(options) }]
          """))
    #expect(found.map(\.kind) == [kind], "\(found)")
    #expect(found.first?.message.contains(words) == true, "\(found)")
  }

  @Test func numbersFarOut() throws {
    func kinds(_ cell: @escaping Cell, _ options: String = "") throws -> [Finding.Kind] {
      try experiment(
        [("n", cell), Self.noise, Self.label],
        features:
          "[{ name: \"x\", type: \"numeric\" }, { name: \"n\", type: \"numeric\", \(options) }]"
      ).check().map(\.kind)
    }
    #expect(try kinds { $0 == 9 ? "1e30" : "\($0 % 9)" } == [.outlier])
    #expect(try kinds { $0 % 20 == 9 ? "-1e30" : "\($0 % 9)" } == [.outlier])
    #expect(try kinds { $0 == 9 ? "9999999" : "\($0 % 9)" } == [.outlier])
    #expect(try kinds({ "\($0 * 1000)" }, "normalizer: \"none\"") == [.outlier])
    // A rare one, money, times in nanoseconds.
    #expect(try kinds { $0 == 9 ? "1" : "0" } == [])
    #expect(try kinds { "\(($0 * 7919 % 1000) * ($0 * 7919 % 1000) * 10)" } == [])
    #expect(try kinds { "\(1_700_000_000_000_000_000 + $0 * 1_000_000_000)" } == [])
  }

  @Test func labelsFarOut() throws {
    let found = try experiment(
      [Self.noise, ("y", { $0 == 9 ? "1e25" : "\($0 % 9)" })],
      features: "[{ name: \"x\", type: \"numeric\" }]", tasks: "[{ name: \"y\", loss: \"mse\" }]"
    ).check()
    #expect(found.map(\.kind) == [.outlier] && found[0].subject == "y")
  }

  @Test func manyConstantFeaturesAreOneFinding() throws {
    let names = (0..<12).map { "c\($0)" }
    let columns = names.map { name in (name, { @Sendable (_: Int) in "7" }) }
    let found = try findings(
      experiment(
        columns + [Self.noise, Self.label],
        features: "[{ columns: [\"c0..c11\", \"x\"], type: \"numeric\" }]"))
    #expect(found.count == 1 && found[0].kind == .constant)
    #expect(
      found[0].message
        == "12 features have one value only: c0, c1, c2, c3, c4, c5, c6, c7 and 4 more")
  }

  @Test func labelsOfOneColumnAndClassesWithoutRows() throws {
    let found = try findings(
      experiment(
        [Self.noise, Self.label, ("k", { ["a", "b"][$0 / 3 % 2] })],
        features: "[{ name: \"x\", type: \"numeric\" }]",
        tasks: """
          [{ name: "y" }, { name: "again", label: "y" }, { name: "k", classes: ["a", "b", "c"] }]
          """))
    #expect(found.map(\.kind) == [.sharedLabel, .emptyClass])
    #expect(found[0].message.contains("tasks y and again"))
    #expect(found[1].message.contains("class \"c\""))
  }

  /// A step of a funnel that is not known where the step before was not taken is 0 there.
  @Test func missingStepsOfAFunnel() throws {
    let found = try findings(
      experiment(
        [
          Self.noise, ("click", { "\($0 % 2)" }),
          ("buy", { $0 % 2 == 0 ? "" : "\($0 / 2 % 3 / 2)" }),
        ],
        features: "[{ name: \"x\", type: \"numeric\" }]",
        tasks: "[{ name: \"click\" }, { name: \"buy\" }]",
        model: "type: \"esmm\", funnel: [\"click\", \"buy\"]"))
    #expect(found.map(\.kind) == [.missingSteps])
    #expect(found[0].message.contains("100 of 100 rows with click 0 have no label buy"))
  }

  /// A text of `where` that its column never holds, many threads or not; amounts that are never 0; labels
  /// that are all one.
  @Test func sampleSpacesAndAmounts() throws {
    let found = try findings(
      experiment(
        [
          Self.noise, Self.label, ("k", { ["a", "b", "c"][$0 % 3] }), ("sum", { "\($0 % 7 + 1)" }),
        ],
        rows: 9000, features: "[{ name: \"x\", type: \"numeric\" }]",
        tasks: """
          [{ name: "y", where: { column: "k", values: ["b", "d", "a"] } }, { name: "sum", loss: "ziln" }]
          """))
    #expect(found.map(\.kind) == [.unseenValues, .amounts])
    #expect(found[0].message.contains("task y: no training row has \"d\" in the column"))
    let same = try findings(
      experiment(
        [Self.noise, ("y", { _ in "7" })], features: "[{ name: \"x\", type: \"numeric\" }]",
        tasks: "[{ name: \"y\", loss: \"mse\" }]"))
    #expect(same.map(\.message) == ["task y: every row has the label 7 in column \"y\""])
    let error = try #require(throws: ExperimentError.self) {
      try experiment(
        [Self.noise, ("y", { _ in "0" })], features: "[{ name: \"x\", type: \"numeric\" }]",
        tasks: "[{ name: \"y\", loss: \"ziln\" }]"
      ).check()
    }
    #expect(error.message.contains("no row has an amount above 0"))
  }

  /// `check` tells as training does where a column holds back nothing, or all.
  @Test(arguments: [
    (1000, "no training row is held back"), (-1, "all training rows are held back"),
  ])
  func rowsThatAColumnHoldsBack(from: Int, words: String) throws {
    let experiment = try experiment(
      [Self.noise, Self.label], features: "[{ name: \"x\", type: \"numeric\" }]",
      data: "validation_split: { column: \"x\", from: \(from) }")
    for run in [{ _ = try experiment.check() }, { _ = try experiment.train() }] {
      let error = try #require(throws: ExperimentError.self) { try run() }
      #expect(error.message.contains(words), "\(error)")
    }
  }

  /// Where every label is the same, the hint is that of the task.
  @Test(arguments: [("", "every label is 0"), (", positive: [\"yes\"]", "\"positive\" list")])
  func noPositiveLabel(positive: String, hint: String) throws {
    let experiment = try experiment(
      [Self.noise, ("y", { _ in "0" })], features: "[{ name: \"x\", type: \"numeric\" }]",
      tasks: "[{ name: \"y\"\(positive) }]")
    let error = try #require(throws: ExperimentError.self) { try experiment.check() }
    #expect(error.message.contains("no row has a positive label") && error.message.contains(hint))
  }
}
