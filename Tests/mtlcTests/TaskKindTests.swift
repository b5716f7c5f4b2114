import Testing

/// Tasks with classes, funnels and their order, groups of rows: from the spec to the report.
@Suite struct TaskKindTests {
  private static let classes = Workbench.spec
    .replacing(
      "tasks: [{ name: \"click\" }, { name: \"purchase\" }]",
      with: "tasks: [{ name: \"click\" }, { name: \"membership\", label: \"member\","
        + " classes: [\"none\", \"silver\", \"gold\"] }]"
    )
    .replacing("{ name: \"member\", type: \"id\", encoding: \"one_hot\" },", with: "")

  @Test func classesAreTrainedAndPredicted() throws {
    let bench = try Workbench(spec: Self.classes)
    let table = try bench.expect(0, ["train", "spec.json5", "-o", "out"]).output
    #expect(table.contains("macro AUC") && table.contains("membership"))
    let kinds = try bench.expect(0, ["inspect", "out/plan.bin"]).output
    #expect(kinds.contains("multiclass") && kinds.contains("none | silver | gold"))
    let rows = try bench.expect(
      0, ["run", "out/plan.bin", "--predict", "test.csv", "-q"]
    ).output.split(separator: "\n")
    #expect(rows[0] == "click,membership.none,membership.silver,membership.gold")
    let cells = rows[1].split(separator: ",").compactMap { Double($0) }
    #expect(cells.count == 4 && abs(cells[1...].reduce(0, +) - 1) < 1e-5)
    try bench.expect(0, ["compare", "spec.json5", "--steps", "3"])
    let bad = Self.classes.replacing("\"gold\"", with: "\"golden\"")
    try bench.write(bad, to: "bad.json5")
    try bench.expectFailure(
      4, ["train", "bad.json5"], says: ["is none of the classes"])
  }

  @Test func groupsNeedNotBeFeatures() throws {
    let bench = try Workbench()
    let spec = Workbench.spec.replacing(
      "test: \"test.csv\"", with: "test: \"test.csv\", group_by: \"user_id\"")
    try bench.write(spec, to: "groups.json5")
    let text = try bench.expect(0, ["train", "groups.json5", "-o", "out"]).output
    #expect(text.contains("GAUC") && text.contains("with one class only are left out"))
    let json = try bench.expect(
      0, ["run", "out/plan.bin", "--eval", "test.csv", "--json"]
    ).output
    #expect(json.contains("\"gauc\"") && json.contains("\"one_class_groups\""))
    // Predicting needs no groups.
    let rows = try bench.text("test.csv").replacing("user_id", with: "someone")
    try bench.write(rows, to: "new.csv")
    try bench.expect(0, ["run", "out/plan.bin", "--predict", "new.csv", "-q"])
    try bench.expectFailure(
      4, ["run", "out/plan.bin", "--eval", "new.csv"], says: ["user_id", "data.group_by"])
  }

  @Test func labelsAgainstTheOrderOfTheFunnel() throws {
    let funnel = Workbench.spec.replacing(
      "model: { type: \"mmoe\", num_experts: 2, expert_hidden_units: [8],",
      with: "model: { type: \"aitm\", funnel: [\"purchase\", \"click\"],")
    let bench = try Workbench(spec: funnel)
    let finding = "rows with click are without purchase, which comes before it in the funnel"
    try bench.expect(
      0, ["check", "spec.json5"], says: ["finding: training rows:", "test rows:", finding])
    let outcome = try bench.expect(0, ["train", "spec.json5"])
    #expect(outcome.errors.contains("warning: ") && outcome.errors.contains(finding))
    let right = ["--set", "model.funnel=[\"click\", \"purchase\"]"]
    let fine = try bench.expect(0, ["check", "spec.json5"] + right)
    #expect(!fine.output.contains("funnel"))
  }

  @Test func longSequencesAndMissingLabelsAreCounted() throws {
    let bench = try Workbench()
    let spec = Workbench.spec.replacing(
      "features: [", with: "features: [{ name: \"history\", type: \"sequence\", max_length: 2 },")
    try bench.write(spec, to: "spec.json5")
    try bench.expect(
      0, ["check", "spec.json5"],
      says: ["rows hold more than max_length 2 ids (up to 8); the last ones are kept"])
    let lines = try bench.text("train.csv").split(separator: "\n").enumerated().map {
      row, line -> String in
      guard row > 0, row % 3 == 0 else { return String(line) }
      let cells = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
      return "\(cells[0]),,\(cells[2])"
    }
    try bench.write(lines.joined(separator: "\n"), to: "train.csv")
    try bench.expect(
      0, ["train", "spec.json5"],
      says: ["purchase: 200 of 600 training rows have no label and do not count for it"])
  }

  @Test func samples() throws {
    let bench = try Workbench(empty: ())
    let funnel = try bench.expect(
      0, ["sample", "f", "--like", "funnel", "--rows", "50", "--test-rows", "2000"]
    ).output
    #expect(funnel.contains("activate_given_credit"))
    #expect(try bench.text("f/test.best.csv").contains("apply_given_click,0."))
    try bench.expect(
      0,
      [
        "sample", "r", "--like", "regression", "--correlation", "0.5", "--rows", "20",
        "--test-rows", "5",
      ])
    let lines = try bench.text("r/train.csv").split(separator: "\n")
    #expect(lines.count == 21 && lines[0].hasPrefix("y1,y2,x0,") && lines[0].hasSuffix(",x99"))
    try bench.expect(
      2, ["sample", "f", "--like", "funnels"], says: ["did you mean funnel?"])
    try bench.expect(
      2, ["sample", "f", "--correlation", "0.5"], says: ["goes with --like mmoe only"])
    try bench.expect(
      2, ["sample", "f", "--like", "regression", "--correlation", "2"],
      says: ["a number from 0 to 1"])
  }
}
