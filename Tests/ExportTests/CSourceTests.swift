import Experiments
import Export
import Foundation
import Plan
import Schema
import TestSupport
import Testing

/// C source of a plan predicts what the plan does: compiled with warnings as errors, for each model and
/// each kind of feature. benchmarks/check-c-export.py does the same on many rows, with sanitizers.
@Suite(.enabled(if: CCompiler.path != nil, "there is no C compiler")) struct CSourceTests {
  /// All kinds of features, some under names that C gives a meaning to.
  private static let features = """
    { name: "class", type: "id", embedding_dim: 4, missing: ["-1"] },
    { name: "a b", type: "id", encoding: "one_hot" },
    { name: "a-b", type: "id", hash_bucket_size: 17, embedding_dim: 4 },
    { name: "slot */", type: "id", num_ids: 6, embedding_dim: 2 },
    { name: "age", type: "numeric" },
    { name: "income", type: "numeric", normalizer: "log" },
    { name: "price", type: "numeric", boundaries: [0.1, 0.3, 0.7], embedding_dim: 3, raw: true },
    { name: "amount", type: "numeric", decimal: ",", thousands: "." },
    { name: "when", type: "datetime", utc_offset: -2.5, embedding_dim: 2,
      parts: ["year", "month", "day", "week", "weekday", "weekend", "hour", "minute", "days"] },
    { name: "day", type: "datetime", time_format: "%d. %b %y %I:%M %p", parts: ["week", "hour"] },
    { name: "epoch", type: "datetime", time_format: "milliseconds", parts: ["days"] },
    { name: "pair", type: "cross", of: ["class", "age", "amount"], hash_bucket_size: 9, embedding_dim: 2 },
    { name: "binned", column: "age", type: "numeric", encoding: "piecewise_linear", num_bins: 5, embedding_dim: 2 },
    { name: "waves", column: "price", type: "numeric", encoding: "periodic", num_frequencies: 3, embedding_dim: 2 },
    { name: "ranked", column: "price", type: "numeric", normalizer: "quantile" },
    { name: "vec", type: "vector", dim: 2, separator: " ", brackets: true },
    { name: "history", type: "sequence", max_length: 3, embedding_dim: 4 },
    { name: "tags", type: "sequence", pooling: "sum", weighted: true, keep: "first", max_length: 2,
      hash_bucket_size: 11, embedding_dim: 4 },
    { name: "views", type: "sequence", pooling: "max", num_ids: 9, embedding_dim: 4 },
    { name: "bag", type: "sequence", pooling: "attention", attention_target: "class", brackets: true,
      weights_column: "bag weights", embedding_dim: 4 },
    """

  private static let models: [String] = [
    "type: 'shared_bottom', bottom_hidden_units: [6], tower_hidden_units: [3]",
    "type: 'mmoe', num_experts: 3, expert_hidden_units: [16, 4], gate_hidden_units: [5], activation: 'gelu'",
    "type: 'mmoe_v2', num_layers: 2, num_experts: 2, expert_hidden_units: [6], batch_norm: true",
    "type: 'cgc', num_task_experts: 2, num_shared_experts: 1, expert_hidden_units: [17], layer_norm: true",
    "type: 'ple', num_levels: 2, num_task_experts: 1, num_shared_experts: 2, expert_hidden_units: [4]",
    "type: 'dbmtl', bottom_hidden_units: [6], relation_hidden_units: [3], parents: { second: 'first' }",
    "type: 'esmm', tower_hidden_units: [6], user_features: ['class', 'a-b']",
    "type: 'funnel_v2', tower_hidden_units: [6, 4]",
    "type: 'funnel_v3', tower_hidden_units: [6], conditional_outputs: true",
    "type: 'funnel_v4', tower_hidden_units: [6], info_hidden_units: [5]",
    "type: 'aitm', tower_hidden_units: [6, 4]",
    "type: 'mmoe', num_experts: 2, expert_hidden_units: [6], gate_hidden_units: [3], ensemble: { type: 'tabm', members: 3 }",
    "type: 'shared_bottom', bottom_hidden_units: [6], tower_hidden_units: [3], interaction: { type: 'dcn_v2', layers: 2 }",
  ]

  private static let tasks = "{ name: 'first' }, { name: 'second' }"
  private static let otherTasks =
    "{ name: 'first' }, { name: 'spent', loss: 'mse' }, { name: 'kind', classes: ['p', 'q', 'r'] }"

  /// A seed gives the same rows on each machine.
  private struct Random {
    var state: UInt64
    mutating func callAsFunction(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  private static let columns = [
    "class", "a b", "a-b", "slot */", "age", "income", "price", "amount", "when", "day", "epoch",
    "vec",
    "history", "tags", "views", "bag", "bag weights",
  ]

  /// The cells of a row; of a new one with values that no training row has.
  private static func row(_ random: inout Random, isNew: Bool) -> [String: String] {
    func word(_ prefix: String, _ count: Int) -> String {
      if isNew, random(8) == 0 {
        return ["never", "日本", String(repeating: "x", count: 900), "e\u{301}"][random(4)]
      }
      return prefix + String(random(count))
    }
    func number(_ bound: Int) -> String {
      if isNew, random(8) == 0 {
        return ["1e30", "-0.0", "+3", ".5", "1.", "12345678901234567890123", "2.5E-3"][random(7)]
      }
      return "\(random(bound)).\(random(1000))"
    }
    func list(_ separator: String, _ item: (inout Random) -> String) -> String {
      (0..<random(6)).map { _ in item(&random) }.joined(separator: separator)
    }
    let items = random(4)
    let (month, day, hour) = (1 + random(12), 1 + random(28), random(24))
    let names = [
      "Jan", "feb", "MAR", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "20\(padded(random(60)))-\(padded(month))-\(padded(day))"
    var row = [
      "class": word("c", 7), "a b": word("d", 3), "a-b": word("u", 40),
      "slot */": String(isNew ? random(9) - 1 : random(6)), "age": number(80),
      "income": number(9000), "price": "0.\(random(10))",
      "amount": "\(1 + random(99)).\(100 + random(900)),\(random(100))",
      "when": date + ["", " \(padded(hour)):30", "T\(padded(hour)):05:07.25+01:30"][random(3)],
      "day": "\(day). \(names[month - 1]) \(padded(random(100))) \(hour % 12 + 1):\(random(60)) "
        + ["AM", "pm"][random(2)],
      "epoch": String(random(2_000_000_000)), "vec": "[\(random(3)).\(random(1000)) -5e-1]",
      "history": list("|") { "h\($0(9))" },
      "tags": list("|") { "g\($0(30))" + ["", ":2", ":-0.5"][$0(3)] },
      "views": list("|") { "\($0(12))" },
      "bag": "[" + (0..<items).map { "'b\($0 % 3)'" }.joined(separator: ", ") + "]",
      "bag weights": "[" + (0..<items).map { "1.\($0)" }.joined(separator: ", ") + "]",
    ]
    for column in columns where column != "bag weights" && random(16) == 0 { row[column] = "" }
    if row["bag"] == "" { row["bag weights"] = "" }
    if random(16) == 0 { row["class"] = "-1" }
    return row
  }

  private static func table() -> String {
    var random = Random(state: 4)
    var text = columns.joined(separator: ",") + ",first,second,spent,kind\n"
    for _ in 0..<240 {
      let row = row(&random, isNew: false)
      let first = random(2)
      text += columns.map { "\"\(row[$0] ?? "")\"" }.joined(separator: ",")
      text += ",\(first),\(first * random(2)),\(random(50)).5,\(["p", "q", "r"][random(3)])\n"
    }
    return text
  }

  private static func spec(_ model: String, tasks: String) -> String {
    let features =
      model.contains("ensemble")
      ? features.replacing("encoding: \"one_hot\"", with: "embedding_dim: 2") : features
    return """
      { name: "all kinds", data: { train: "train.csv", test: "test.csv" }, features: [\(features)],
        tasks: [\(tasks)], model: { \(model) }, training: { batch_size: 32, epochs: 1 } }
      """
  }

  /// A main function that predicts rows and prints a line for each.
  private func program(_ rows: [[String: String]], outputs: [(name: String, width: Int)]) -> String
  {
    let numbers: Set = ["income", "price"]
    let cells = rows.map { row in
      Self.columns.map { column in
        let text = row[column] ?? ""
        return numbers.contains(column)
          ? (Double(text)?.description ?? "NAN")
          : "\"" + text.utf8.map { "\\x" + String($0, radix: 16) }.joined() + "\""
      }.joined(separator: ", ")
    }
    let prints = outputs.flatMap { output in
      (0..<output.width).map { k in
        "printf(\"%.9g \", (double)p.\(output.name)\(output.width == 1 ? "" : "[\(k)]"));"
      }
    }
    return """
      #include <math.h>
      #include <stdio.h>
      #include "model.h"
      static const all_kinds_row rows[] = {
      \(cells.map { "  {\($0)}," }.joined(separator: "\n"))
      };
      int main(void) {
        for (int k = 0; k < \(rows.count); k++) {
          all_kinds_prediction p;
          const int field = all_kinds_predict(rows + k, &p);
          if (field) { printf("%s\\n", all_kinds_columns[field - 1]); continue; }
          \(prints.joined(separator: " "))
          printf("\\n");
        }
        return 0;
      }
      """
  }

  private func check(_ model: String, tasks: String) throws {
    let trained = try TrainedPlan(Self.spec(model, tasks: tasks), rows: Self.table())
    try trained.compiled.export(ExportRequest(format: "c"), to: "\(trained.folder)/model.c")
    if model == Self.models[0], tasks == Self.tasks { try compareSource(trained) }
    var random = Random(state: 9)
    let rows = (0..<120).map { _ in Self.row(&random, isNew: true) }
    let outputs = trained.plan.tasks.map { (name: $0.name, width: $0.width) }
    try OutputFolder.write(program(rows, outputs: outputs), to: "\(trained.folder)/main.c")
    let text = try CCompiler.run(["main.c", "model.c"], in: trained.folder)
    let predictor = try Predictor(trained.compiled)
    let expected = try predictor.predict(rows)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Float($0) }
    }
    try #require(lines.count == rows.count)
    for (column, name) in predictor.columns.enumerated() {
      let values = try #require(expected[name])
      let scale = max(1, values.filter(\.isFinite).map(\.magnitude).max() ?? 1)
      for (k, value) in values.enumerated() {
        // Cells that are far too large make both overflow.
        let found = lines[k][column]
        #expect(
          found.isNaN == value.isNaN && (value.isNaN || abs(found - value) <= 1e-6 * scale),
          "\(name) of row \(k): \(found), the plan \(value)")
      }
      #expect(Set(values).count > 40, "\(name) tells rows apart")
    }
  }

  @Test(arguments: models) func predictsAsThePlan(model: String) throws {
    try check(model, tasks: Self.tasks)
  }

  /// The source without its weights as it was when somebody last read it: `MTLC_UPDATE_GOLDEN=1` writes
  /// it anew.
  private func compareSource(_ trained: TrainedPlan) throws {
    let source = try String(contentsOfFile: "\(trained.folder)/model.c", encoding: .utf8)
    // Weights differ in their last bits from machine to machine.
    let text = source.replacing(/(static const float w_[^{]*\{)[^}]*\}/) { "\($0.output.1)…}" }
    let difference = try GoldenText.difference(text, from: "Golden/text/c-source.txt")
    #expect(difference == nil)
  }

  @Test func predictsOtherTasks() throws { try check(Self.models[1], tasks: Self.otherTasks) }

  /// Cells that the plan refuses are refused, by the name of their column.
  @Test func unreadableCellsAreNamed() throws {
    let cells: [(column: String, text: String)] = [
      ("slot */", "two"), ("slot */", "1.5"), ("age", "12a"), ("age", "inf"), ("age", "1e999"),
      ("amount", "1.10,5"), ("when", "2024-02-30"), ("when", "2024-05-01 24:00"),
      ("when", "-05-01"),
      ("day", "1. Foo 24 1:00 AM"), ("day", "1. May 24 13:00 AM"), ("day", "1/ May 24 1:00 AM"),
      ("day", "1. May 24 1.00 AM"), ("day", "1 May 24 1:00 AM"), ("day", "1. May 24 1:00 XM"),
      ("when", "2024-05-01 12-30"),
      ("epoch", "x"), ("vec", "[1]"),
      ("vec", "[1 2 3]"), ("vec", "[1 x]"), ("tags", "a:b"), ("bag weights", "[1]"),
    ]
    let trained = try TrainedPlan(Self.spec(Self.models[0], tasks: Self.tasks), rows: Self.table())
    try trained.compiled.export(ExportRequest(format: "c"), to: "\(trained.folder)/model.c")
    let readable = [
      "class": "c1", "slot */": "2", "age": "30", "amount": "1.100,5", "when": "2024-05-01",
      "day": "1. May 24 1:00 AM", "epoch": "5", "vec": "[1 2]", "tags": "a:2",
      "bag": "['a', 'b']", "bag weights": "[1, 2]", "a b": "d1", "a-b": "u", "income": "1",
      "price": "0.5", "history": "h", "views": "1",
    ]
    let predictor = try Predictor(trained.compiled)
    _ = try predictor.predict([readable])
    var rows: [[String: String]] = []
    for cell in cells {
      rows.append(readable.merging([cell.column: cell.text]) { $1 })
      #expect(throws: ExperimentError.self) { try predictor.predict(rows.suffix(1)) }
    }
    // A byte that is not UTF-8 stands for ÿ.
    rows.append(readable.merging(["class": "\u{FF}"]) { $1 })
    rows.append(readable)
    let source = program(rows, outputs: [("first", 1)]).replacing("\\xc3\\xbf", with: "\\xff")
    try OutputFolder.write(source, to: "\(trained.folder)/main.c")
    let lines = try CCompiler.run(["main.c", "model.c"], in: trained.folder).split(separator: "\n")
    #expect(lines.dropLast().map(String.init) == cells.map(\.column) + ["class"])
    #expect(lines.last.flatMap { Float($0.filter { $0 != " " }) } != nil)
  }

  @Test(arguments: CHelper.allCases) func everyFunctionHasItsSource(_ helper: CHelper) throws {
    let source = try #require(CHelper.sources[helper])
    #expect(source.contains(helper.rawValue), "a function is called by its name")
  }

  /// Compilers may place an array at any multiple of 16 bytes, where products take twice as long.
  @Test func weightsStartWithALineOfTheCache() throws {
    let trained = try TrainedPlan.mmoe()
    try trained.compiled.export(ExportRequest(format: "c"), to: "\(trained.folder)/model.c")
    let source = try String(contentsOfFile: "\(trained.folder)/model.c", encoding: .utf8)
    let weights = source.split(separator: "\n").filter { $0.contains("static const float w_") }
    #expect(weights.count > 3 && weights.allSatisfy { $0.hasPrefix("_Alignas(64) ") })
  }

  /// What C source cannot be is said.
  @Test func refusals() throws {
    let trained = try TrainedPlan.mmoe()
    #expect(throws: ExperimentError.self) {
      try trained.compiled.export(ExportRequest(format: "c"), to: "\(trained.folder)/model.cc")
    }
    var plan = trained.plan
    plan.programs.removeAll { $0.kind == .predict }
    let error = #expect(throws: ExportError.self) { try CSource(plan) }
    #expect(error?.message.contains("no predictions for single rows") == true)
  }
}
