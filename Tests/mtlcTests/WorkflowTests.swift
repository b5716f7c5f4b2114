import Foundation
import Testing

@Suite struct WorkflowTests {
  /// `mtlc compile` and `mtlc run` give the bits of `mtlc train`, whatever the number of threads.
  @Test func compileAndRunIsTrain() throws {
    let bench = try Workbench()
    let train = try bench.expect(0, ["train", "spec.json5", "-o", "a", "--threads", "1", "--json"])
    try bench.expect(0, ["train", "spec.json5", "-o", "b", "--threads", "2"])
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["compile", "spec.json5", "-o", "again.bin"])
    #expect(try bench.bytes("plan.bin") == bench.bytes("again.bin"))
    let run = try bench.expect(0, ["run", "plan.bin", "-o", "c.bin", "--json"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("c.bin"))
    #expect(try bench.bytes("a/metrics.json") == bench.bytes("b/metrics.json"))
    let (first, second) = (try Workbench.json(train.output), try Workbench.json(run.output))
    for key in ["epochs", "evaluation"] {
      let pair = try [first, second].map { try #require($0[key] as? NSObject) }
      #expect(pair[0] == pair[1])
    }
    // Once more from a trained plan: it trains as compiled, from its seed.
    try bench.expect(0, ["run", "c.bin", "-o", "d.bin", "-q"])
    #expect(try bench.bytes("c.bin") == bench.bytes("d.bin"))
  }

  @Test func theTableOfMetrics() throws {
    let bench = try Workbench()
    let text = try bench.expect(0, ["train", "spec.json5"]).output
    #expect(text.contains("300 test rows"))
    for word in ["task", "base rate", "AUC", "±", "PR AUC", "log loss", "accuracy", "calibration"] {
      #expect(text.contains(word))
    }
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("click ") }
    #expect(rows.count == 1)
    let quiet = try bench.expect(0, ["train", "spec.json5", "-q"])
    #expect(quiet.errors.isEmpty)
  }

  @Test func eagerAgreesWithStatic() throws {
    let bench = try Workbench()
    func auc(_ mode: String) throws -> [Double] {
      let text = try bench.expect(0, ["train", "spec.json5", "--mode", mode, "--json"]).output
      let evaluation = try #require(try Workbench.json(text)["evaluation"] as? [String: Any])
      let tasks = try #require(evaluation["tasks"] as? [String: [String: Any]])
      return try ["click", "purchase"].map { try #require(tasks[$0]?["auc"] as? Double) }
    }
    for (eager, compiled) in zip(try auc("eager"), try auc("static")) {
      #expect(abs(eager - compiled) < 1e-3)
    }
    let text = try bench.expect(0, ["compare", "spec.json5", "--steps", "8"]).output
    for name in ["loss.click", "gradient gates.click.kernel", "parameter embedding.city"] {
      #expect(text.contains(name))
    }
    #expect(text.contains("the modes agree"))
    #expect(!text.contains("full precision"))
    try bench.expect(
      0, ["compare", "spec.json5", "--steps", "2", "--set", "training.matmul_precision=medium"],
      says: ["training.matmul_precision is left out"])
    let json = try Workbench.json(
      try bench.expect(5, ["compare", "spec.json5", "--tolerance", "0", "--json"]).output)
    #expect(json["agree"] as? Bool == false)
  }

  @Test func predictions() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    let rows = try bench.text("test.csv").split(separator: "\n").map(String.init)

    // The plan alone, in an empty folder.
    let other = try Workbench(empty: ())
    try other.write(try bench.bytes("out/plan.bin"), to: "plan.bin")
    try other.write(rows.joined(separator: "\n"), to: "rows.csv")
    try other.expect(
      0, ["run", "plan.bin", "--predict", "rows.csv", "-o", "out.csv", "--keep", "user_id,click"])
    let table = try other.text("out.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(table[0] == ["user_id", "click.input", "click", "purchase"])
    #expect(table.count == rows.count)
    let columns = rows[0].split(separator: ",").map(String.init)
    let user = try #require(columns.firstIndex(of: "user_id"))
    for (line, source) in zip(table, rows).dropFirst() {
      let cells = source.split(separator: ",", omittingEmptySubsequences: false)
      #expect(line[0] == cells[user])
      #expect((0...1).contains(try #require(Double(line[2]))))
    }
    // Through a pipe the same, and without the label columns.
    let piped = try other.expect(
      0, ["run", "plan.bin", "--predict", "-", "-q"], input: rows.joined(separator: "\n"))
    #expect(
      piped.output.split(separator: "\n").map { $0.split(separator: ",").suffix(2) }
        == table.map { $0.suffix(2) })
    let unlabelled = rows.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).joined(separator: ",")
    }
    let blind = try other.expect(
      0, ["run", "plan.bin", "--predict", "-", "-o", "-", "-q"],
      input: unlabelled.joined(separator: "\n"))
    #expect(blind.output == piped.output)
    // No rows in, no rows out.
    let none = try other.expect(
      0, ["run", "plan.bin", "--predict", "-", "-q"], input: unlabelled[0] + "\n")
    #expect(none.output == "click,purchase\n")
  }

  @Test func evaluationOfATrainedPlan() throws {
    let bench = try Workbench()
    let train = try bench.expect(0, ["train", "spec.json5", "-o", "out", "--json"]).output
    let text = try bench.expect(
      0, ["run", "out/plan.bin", "--eval", "test.csv", "--json"]
    ).output
    let evaluation = try #require(try Workbench.json(train)["evaluation"] as? [String: Any])
    let again = try Workbench.json(text)
    let pair = try [evaluation, again].map { try #require($0["tasks"] as? NSObject) }
    #expect(pair[0] == pair[1])
  }

  @Test func undefinedMetricsSayWhy() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    let lines = try bench.text("test.csv").split(separator: "\n")
    let negative = lines.dropFirst().filter { $0.hasPrefix("0,0,") }
    try bench.write(([lines[0]] + negative).joined(separator: "\n"), to: "negative.csv")
    try bench.expect(
      0, ["run", "out/plan.bin", "--eval", "negative.csv"], says: ["n/a", "only one class"])
  }
}
