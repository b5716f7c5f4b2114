import Testing

/// `check`, `compile --emit` and its relatives, `inspect`, `sample`.
@Suite struct InspectionTests {
  @Test func check() throws {
    let bench = try Workbench()
    let text = try bench.expect(0, ["check", "spec.json5"]).output
    for word in ["600 training rows", "300 test rows", "purchase", "city", "weights"] {
      #expect(text.contains(word))
    }
    let json = try Workbench.json(try bench.expect(0, ["check", "spec.json5", "--json"]).output)
    let piped = try bench.expect(
      0, ["check", "-", "--set", "name=small"], input: Workbench.spec)
    #expect(piped.output == text)
    try bench.expect(3, ["check", "-"], says: ["<stdin>:1:"], input: "{ name: ")
    #expect(json["training_rows"] as? Int == 600)
    // A copy of the label among the features is found by its ranking.
    let lines = try bench.text("train.csv").split(separator: "\n")
    let leaking = lines.enumerated().map { index, line in
      "\(line),\(index == 0 ? "copy" : String(line.prefix(1)))"
    }
    try bench.write(leaking.joined(separator: "\n"), to: "leak.csv")
    try bench.write(
      Workbench.spec.replacing("\"train.csv\", test: \"test.csv\"", with: "\"leak.csv\"")
        .replacing("[\"age\", ", with: "[\"age\", \"copy\", "), to: "leak.json5")
    try bench.expect(0, ["check", "leak.json5"], says: ["finding: feature copy", "click"])
  }

  /// Experts, gates and towers with their layers.
  @Test func components() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "p.bin", "-q"])
    let text = try bench.expect(0, ["inspect", "p.bin"]).output
    let lines = text.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    for line in [
      "component shape weights", "dense.0 14 → 8 120", "click 14 → 2 30", "output 4 → 1 5",
      "0 … 1 2 × 120",
    ] {
      #expect(lines.contains(line), "\(line) in \(text)")
    }
    let json = try Workbench.json(try bench.expect(0, ["inspect", "p.bin", "--json"]).output)
    let parts = try #require(json["components"] as? [[String: Any]])
    #expect(parts.map { $0["name"] as? String } == ["embedding", "experts", "gates", "towers"])
  }

  @Test func stages() throws {
    let bench = try Workbench()
    func print(_ options: [String]) throws -> String {
      try bench.expect(0, ["compile", "spec.json5", "-q"] + options).output
    }
    let graph = try print(["--emit", "graph"])
    #expect(graph.contains("loss.click") && !graph.contains("update"))
    let gradients = try print(["--emit", "gradients"])
    #expect(gradients.contains("update"))
    #expect(try print(["--stop-after", "differentiate"]) == gradients)
    let optimized = try print(["--emit", "optimized"])
    #expect(optimized != gradients && optimized.contains("update"))
    #expect(!(try print(["--emit", "optimized", "--program", "predict"])).contains("update"))
    let plan = try print(["--emit", "plan"])
    #expect(plan.contains("program train") && plan.contains("matmul"))
    let trace = try print(["--emit", "graph", "--stop-after", "cse", "--print-after", "simplify"])
    #expect(trace.hasPrefix(graph))
    let printed = try print(["--stop-after", "cse", "--print-after", "simplify"])
    #expect(printed.contains("# after simplify\n"))
    let names = try bench.expect(0, ["compile", "spec.json5", "--list-passes"]).output
    #expect(names.split(separator: "\n").contains("differentiate"))
  }

  @Test func inspect() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(
      0, ["inspect", "plan.bin"],
      says: ["small: compiled, not trained", "click", "city", "predict", "matmul"])
    try bench.expect(0, ["inspect", "plan.bin", "--listing"], says: ["level 0", "fetch loss"])
    try bench.expect(0, ["inspect", "plan.bin", "--spec"], says: ["num_experts"])
    let json = try Workbench.json(try bench.expect(0, ["inspect", "plan.bin", "--json"]).output)
    #expect((json["tasks"] as? [Any])?.count == 2)
    try bench.expect(0, ["run", "plan.bin", "-o", "trained.bin"])
    try bench.expect(0, ["inspect", "trained.bin"], says: ["small: trained"])
  }

  @Test func inspectShowsThePrecisionOfProducts() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin", "-q"])
    let plain = try bench.expect(0, ["inspect", "plan.bin"]).output
    #expect(!plain.contains("precision"))
    let medium = ["--set", "training.matmul_precision=medium"]
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "-q"] + medium)
    try bench.expect(
      0, ["inspect", "out/plan.bin"], says: ["matrix products of medium precision"])
    try bench.expectFailure(
      3, ["check", "spec.json5", "--set", "training.matmul_precision=medum"],
      says: ["unknown matmul_precision \"medum\"; did you mean \"medium\"?"])
  }

  @Test func sampleIsTheSameEverywhere() throws {
    let bench = try Workbench(empty: ())
    let text = try bench.expect(
      0, ["sample", "deep/one", "--rows", "50", "--test-rows", "40", "--json"]
    ).output
    let tasks = try #require(try Workbench.json(text)["tasks"] as? [String: [String: Double]])
    #expect((0.5...1).contains(try #require(tasks["click"]?["best_auc"])))
    try bench.expect(0, ["sample", "two", "--rows", "50", "--test-rows", "40"], says: ["best AUC"])
    #expect(try bench.bytes("deep/one/train.csv") == bench.bytes("two/train.csv"))
    try bench.expect(0, ["sample", "three", "--rows", "50", "--test-rows", "40", "--seed", "7"])
    #expect(try bench.bytes("two/train.csv") != bench.bytes("three/train.csv"))
  }

  @Test func generatedDataShowsTheBest() throws {
    let spec = Workbench.spec.replacing(
      "train: \"train.csv\"", with: "generate: \"ads\", train: \"train.csv\"")
    let bench = try Workbench(spec: spec)
    try bench.expect(0, ["sample", ".", "--rows", "300", "--test-rows", "200"])
    try bench.expect(
      0, ["train", "spec.json5", "--set", "training.epochs=1"],
      says: ["best*", "no model can beat"])
  }
}
