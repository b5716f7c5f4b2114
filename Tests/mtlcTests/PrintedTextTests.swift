import Foundation
import Testing

/// What commands print, to the letter, and the columns of tables against the JSON of the same results.
@Suite struct PrintedTextTests {
  /// What depends on the spec and the data only.
  static let commands: [(name: String, arguments: [String])] =
    [
      ("check", ["check", "spec.json5"]),
      ("check-json", ["check", "spec.json5", "--json"]),
      ("check-images", ["check", "images.json5"]),
      ("check-images-json", ["check", "images.json5", "--json"]),
      ("stats", ["data", "stats", "spec.json5"]),
      ("stats-json", ["data", "stats", "spec.json5", "--json"]),
      ("head", ["data", "head", "spec.json5", "--rows", "2"]),
      ("head-json", ["data", "head", "spec.json5", "--rows", "2", "--json"]),
      ("explain", ["explain", "spec.json5"]),
      ("draw-dot", ["draw", "spec.json5", "-o", "-"]),
      ("init", ["init", "train.csv", "--label", "click", "--label", "spend"]),
      ("help", ["help"]),
      ("help-exit-codes", ["help", "exit-codes"]),
    ]
    + [
      "train", "run", "check", "compare", "compile", "inspect", "explain", "bench", "data",
      "sample", "help", "version", "init", "cross-validate", "tune", "export", "convert", "draw",
      "importance", "report", "card", "completions",
    ].map { ("help-\($0)", ["help", $0]) }

  @Test(arguments: commands.map(\.name)) func printsExactly(_ name: String) throws {
    let command = try #require(Self.commands.first { $0.name == name })
    let text = try PrintedText.bench().expect(0, command.arguments).output
    let hasNumbers = name.hasPrefix("head") || name.hasSuffix("json")
    let isTimed = name == "explain"
    try PrintedText.check(
      isTimed ? PrintedText.masked(text) : hasNumbers ? PrintedText.shortened(text) : text, name)
  }

  @Test(arguments: ["spec", "images"]) func inspectionPrintsExactly(_ name: String) throws {
    let bench = try PrintedText.bench()
    try bench.expect(0, ["compile", "\(name).json5", "-o", "plan.bin", "-q"])
    for (suffix, options) in [("", []), ("-json", ["--json"])] {
      try PrintedText.check(
        try bench.expect(0, ["inspect", "plan.bin"] + options).output, "inspect-\(name)\(suffix)")
    }
  }

  /// Numbers that training makes are masked; the next test has them.
  @Test func resultsPrintTheirNames() throws {
    let bench = try PrintedText.bench()
    for (suffix, options) in [("", []), ("-json", ["--json"])] {
      for command in ["train", "compare"] {
        let steps = command == "compare" ? ["--steps", "3"] : []
        let text = try bench.expect(0, [command, "spec.json5", "-q"] + steps + options).output
        try PrintedText.check(PrintedText.masked(text), "\(command)\(suffix)")
      }
      let text = try bench.expect(0, ["train", "images.json5", "-q"] + options).output
      try PrintedText.check(PrintedText.masked(text), "train-images\(suffix)")
    }
  }

  /// What is done with a trained plan, and without one, in the same way.
  @Test func otherResultsPrintTheirNames() throws {
    let bench = try PrintedText.bench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    let plan = "out/plan.bin"
    for (name, arguments) in [
      ("evaluate", ["run", plan, "--eval", "test.csv"]),
      ("importance", ["importance", plan, "--rows", "test.csv", "--repeat", "2"]),
      ("cross-validate", ["cross-validate", "spec.json5", "--folds", "3"]),
      ("tune", ["tune", "spec.json5", "--trials", "3", "--folds", "2"]),
    ] {
      for (suffix, options) in [("", []), ("-json", ["--json"])] {
        let folder = name == "tune" ? ["-o", "search\(suffix)"] : []
        let text = try bench.expect(0, arguments + folder + ["-q"] + options).output
        try PrintedText.check(PrintedText.masked(text), "\(name)\(suffix)")
      }
    }
    let predicted = try bench.expect(
      0, ["run", plan, "--predict", "test.csv", "-o", "-", "-q"]
    ).output
    try PrintedText.check(PrintedText.masked(predicted), "predict")
    try PrintedText.check(try bench.expect(0, ["inspect", plan, "--listing"]).output, "listing")
  }

  /// A table's cells by the titles of its columns.
  private func cells(_ text: String, row name: String) throws -> [String: String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.components(separatedBy: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty }
    }
    let row = try #require(lines.firstIndex { $0.first == name })
    let head = try #require(lines[..<row].last { $0.first == "task" })
    #expect(head.count == lines[row].count, "\(head) \(lines[row])")
    return Dictionary(uniqueKeysWithValues: zip(head, lines[row]))
  }

  @Test func tablesShowWhatTheJSONHolds() throws {
    let bench = try PrintedText.bench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    let evaluate = ["run", "out/plan.bin", "--eval", "test.csv", "-q"]
    let text = try bench.expect(0, evaluate).output
    let json = try Workbench.json(try bench.expect(0, evaluate + ["--json"]).output)
    let tasks = try #require(json["tasks"] as? [String: [String: Any]])
    let titles: [(task: String, columns: [(title: String, key: String)])] = [
      (
        "click",
        [
          ("rows", "rows"), ("base rate", "base_rate"), ("AUC", "auc"), ("PR AUC", "pr_auc"),
          ("GAUC", "gauc"), ("log loss", "log_loss"), ("accuracy", "accuracy"),
          ("calibration", "calibration"),
        ]
      ),
      (
        "spend",
        [("rows", "rows"), ("RMSE", "rmse"), ("MAE", "mae"), ("mean label", "mean_label")]
      ),
      (
        "kind",
        [
          ("rows", "rows"), ("log loss", "log_loss"), ("accuracy", "accuracy"),
          ("macro AUC", "macro_auc"), ("majority", "majority"),
        ]
      ),
    ]
    for (task, columns) in titles {
      let shown = try cells(text, row: task)
      let held = try #require(tasks[task])
      for (title, key) in columns {
        let value = try #require(held[key] as? Double, "\(task): \(key) in \(held)")
        let expected = key == "rows" ? "\(Int(value))" : String(format: "%.4f", value)
        #expect(shown[title] == expected, "\(task): \(title) in \(shown)")
      }
      if let low = held["auc_low"] as? Double, let high = held["auc_high"] as? Double {
        #expect(shown["±"] == String(format: "%.4f", (high - low) / 2))
      }
    }
  }

  /// The best possible AUC stands beside the task that it belongs to, in the column of its name.
  @Test func theBestStandsInItsColumn() throws {
    let bench = try Workbench(
      spec: Workbench.spec.replacing(
        "train: \"train.csv\"", with: "generate: \"ads\", train: \"train.csv\""))
    try bench.expect(0, ["sample", ".", "--rows", "300", "--test-rows", "200"])
    let one = ["train", "spec.json5", "-q", "--set", "training.epochs=1"]
    let text = try bench.expect(0, one).output
    let json = try Workbench.json(try bench.expect(0, one + ["--json"]).output)
    let evaluation = try #require(json["evaluation"] as? [String: Any])
    let tasks = try #require(evaluation["tasks"] as? [String: [String: Any]])
    for task in ["click", "purchase"] {
      let shown = try cells(text, row: task)
      for (title, key) in [("best*", "best_auc"), ("AUC", "auc"), ("base rate", "base_rate")] {
        let value = try #require(tasks[task]?[key] as? Double)
        #expect(shown[title] == String(format: "%.4f", value), "\(task): \(title) in \(shown)")
      }
    }
  }
}
