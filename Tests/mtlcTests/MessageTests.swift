import Schema
import Testing

/// What reaches a terminal: messages of bounded length without anything that a terminal obeys, tables
/// that are aligned.
@Suite struct MessageTests {
  @Test func manyFindingsOfASpecAreCounted() throws {
    let bench = try Workbench()
    let wrong = (0..<45).map { "wrong\($0): 1" }.joined(separator: ", ")
    try bench.write(
      Workbench.spec.replacing("name: \"small\",", with: "name: \"small\", \(wrong),"),
      to: "many.json5")
    let errors = try bench.expect(3, ["check", "many.json5"]).errors
    #expect(errors.contains("wrong0") && errors.contains("wrong10") && !errors.contains("wrong44"))
    #expect(errors.contains(" more, 45 in all"))
    #expect(errors.count <= MessageText.mostCharacters)
  }

  @Test func controlCharactersAreEscaped() throws {
    let bench = try Workbench()
    let bell = "\u{1B}[31m\u{7}\u{202E}"
    try bench.write("x,\(bell),click\n1,2,\(bell)\n", to: "bell.csv")
    for arguments in [
      ["check", "spec.json5", "--set", "data.train=bell.csv"],
      ["check", "spec.json5", "--set", "model.type=\(bell)"],
      ["check", "spec.json5", "--set", "\(bell)=1"], ["check", "absent\(bell).json5"],
      ["check", "spec.json5", "--\(bell)"], [bell],
      [
        "check", "spec.json5", "--set", "features=[{ name: \"x\", type: \"numeric\" }]", "--set",
        "data.train=bell.csv", "--set", "tasks=[{ name: \"click\" }]",
      ],
    ] {
      let outcome = try bench.run(arguments)
      #expect(outcome.code != 0)
      let controls = (outcome.errors + outcome.output).unicodeScalars.filter {
        $0.value != 10 && [.control, .format].contains($0.properties.generalCategory)
      }
      #expect(controls.isEmpty, "\(arguments)")
      #expect(outcome.errors.contains("\\u{1b}"), "\(arguments): \(outcome.errors)")
    }
  }

  @Test func longTextsAreCut() throws {
    let bench = try Workbench()
    let long = String(repeating: "long ", count: 100_000)
    try bench.write("\(long),click\n1,\(long)\n", to: "long.csv")
    for arguments in [
      ["check", "spec.json5", "--set", "data.train=long.csv"],
      ["check", "spec.json5", "--set", "model.type=\(long.prefix(9000))"],
      ["check", "\(long.prefix(9000)).json5"],
    ] {
      let outcome = try bench.run(arguments)
      #expect(outcome.code != 0)
      #expect(outcome.errors.count < MessageText.mostCharacters + 100)
    }
  }

  /// A character of twice the width takes two columns.
  @Test func tablesOfWideNames() throws {
    let bench = try Workbench()
    for name in ["train.csv", "test.csv"] {
      try bench.write(bench.text(name).replacing("city", with: "城市"), to: name)
    }
    try bench.write(Workbench.spec.replacing("city", with: "城市"), to: "spec.json5")
    let output = try bench.expect(0, ["data", "stats", "spec.json5", "-q"]).output
    let lines = output.split(separator: "\n").filter { $0.contains("300") || $0.contains("600") }
    #expect(
      Set(
        lines.filter { $0.hasPrefix("城市") || $0.hasPrefix("device") }.map { line in
          MessageText.width(String(line.prefix { $0 != "%" }))
        }
      ).count == 1, "\(output)")
  }

  @Test func keptColumnsAndPredictionsHaveNamesOfTheirOwn() throws {
    let bench = try Workbench()
    try bench.expect(
      0, ["train", "spec.json5", "-o", "out", "--set", "features.0.embedding_dim=2"])
    let output = try bench.expect(
      0, ["run", "out/plan.bin", "--predict", "test.csv", "--keep", "click,age", "--keep", "city"],
      says: ["the column click of the input is called click.input"]
    ).output
    #expect(output.hasPrefix("click.input,age,city,click,purchase\n"))
    try bench.expectFailure(
      4, ["run", "out/plan.bin", "--predict", "test.csv", "--keep", "age,age"], says: ["twice"])
  }

  /// Early stopping says what it did, and what it watches is in each line.
  @Test func earlyStoppingInWords() throws {
    let bench = try Workbench()
    let watch = { (metric: String, patience: Int) in
      [
        "--set", "data.validation=test.csv", "--set",
        "training.early_stopping={ metric: \"\(metric)\", patience: \(patience) }", "--set",
        "training.optimizer.learning_rate=0.2", "--set", "training.epochs=12",
      ]
    }
    let errors = try bench.expect(0, ["train", "spec.json5"] + watch("click.log_loss", 2)).errors
    #expect(errors.contains("; click.log_loss 0."))
    #expect(errors.contains(" of 12: click.log_loss did not improve on the "))
    #expect(errors.contains("within the patience of 2 epochs"))
    try bench.expectFailure(
      3, ["check", "spec.json5"] + watch("click.acu", 1),
      says: ["training.early_stopping.metric", "\"click\"", "did you mean \"auc\"?"])
    try bench.expectFailure(
      3, ["check", "spec.json5"] + watch("gauc", 1), says: ["\"data.group_by\""])
    // No task has a value: all epochs run, and that is said.
    let lines = try bench.text("test.csv").split(separator: "\n").map(String.init)
    let columns = lines[0].split(separator: ",").map(String.init)
    let purchase = try #require(columns.firstIndex(of: "purchase"))
    let rows = lines.dropFirst().map { line in
      var cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      cells[purchase] = "0"
      return cells.joined(separator: ",")
    }
    try bench.write(([lines[0]] + rows).joined(separator: "\n"), to: "test.csv")
    let undefined = try bench.expect(0, ["train", "spec.json5"] + watch("purchase.auc", 1)).errors
    #expect(undefined.contains("epoch 12/12"))
    #expect(undefined.contains("purchase.auc had no value in any evaluation"))
    // The mean is that of the tasks that have a value.
    let mean = try bench.expect(0, ["train", "spec.json5"] + watch("auc", 12))
    #expect(mean.output.contains("the best by auc"))
  }
}
