import Foundation
import Testing

/// `mtlc draw` through the real binary.
@Suite struct DrawToolTests {
  @Test func partsAreDrawn() throws {
    let bench = try Workbench()
    try bench.expect(0, ["draw", "spec.json5", "-o", "model.svg"])
    let svg = try bench.text("model.svg")
    for text in ["experts × 2", "gates.click", "towers.purchase", "2 tables", ">click<"] {
      #expect(svg.contains(text), "\(text)")
    }
    let dot = try bench.expect(0, ["draw", "spec.json5", "-o", "-"]).output
    #expect(
      dot.split(separator: "\n").filter { $0.contains("->") }.count
        == svg.components(separatedBy: "class=\"arrow\"").count - 1)
  }

  /// A plan is drawn as the spec that it was compiled from, without its files.
  @Test func plansAreDrawn() throws {
    let bench = try Workbench()
    // A model without a name has that of its file.
    try bench.write(
      bench.text("spec.json5").replacing("name: \"small\",", with: ""), to: "spec.json5")
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    for options in [[], ["--ops"], ["--ops", "--program", "predict", "--after", "fuse_gates"]] {
      let drawn = try ["spec.json5", "plan.bin"].map { file in
        try bench.expect(0, ["draw", file, "-o", "-"] + options).output
      }
      #expect(drawn[0] == drawn[1] && !drawn[0].isEmpty, "\(options)")
    }
    try bench.expect(
      2, ["draw", "plan.bin", "-o", "-", "--set", "seed=2"], says: ["--set goes with a spec"])
    try bench.expect(
      3, ["check", "plan.bin"],
      says: ["plan.bin: a plan, where a spec is needed", "mtlc inspect plan.bin --spec"])
  }

  /// A model that learns to learn has two programs; the drawing is of neither.
  @Test func theTitleIsTheModelsName() throws {
    let bench = try Workbench(empty: ())
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let spec = root.appendingPathComponent("examples/cold-start-maml.json5").path
    let dot = try bench.expect(0, ["draw", spec, "-o", "-"]).output
    #expect(dot.contains("\"cold-start-maml\""), "\(dot.prefix(200))")
  }

  /// Gates and experts read the features, towers what the experts and their gate make.
  @Test func arrowsFollowTheGraph() throws {
    let bench = try Workbench()
    let dot = try bench.expect(0, ["draw", "spec.json5", "-o", "-"]).output
    var titles: [String: String] = [:]
    var arrows: Set<[String]> = []
    for line in dot.split(separator: "\n") {
      let words = line.split(separator: " ")
      if let label = line.range(of: "label=\"") {
        let text = line[label.upperBound...]
        let end = text.range(of: "\\n")?.lowerBound ?? text.firstIndex(of: "\"")
        titles[String(words[0])] = String(text[..<(end ?? text.endIndex)])
      } else if words.count == 3, words[1] == "->" {
        arrows.insert([String(words[0]), String(words[2].dropLast())])
      }
    }
    let named = Set(arrows.map { [titles[$0[0]] ?? "", titles[$0[1]] ?? ""] })
    let inputs = ["2 tables", "numeric", "ids"]
    var expected: Set<[String]> = [
      ["experts × 2", "towers.click"], ["experts × 2", "towers.purchase"],
      ["gates.click", "towers.click"], ["gates.purchase", "towers.purchase"],
      ["towers.click", "click"], ["towers.purchase", "purchase"],
    ]
    for input in inputs {
      for part in ["experts × 2", "gates.click", "gates.purchase"] {
        expected.insert([input, part])
      }
    }
    #expect(named == expected, "\(dot)")
  }

  @Test func opsAreDrawn() throws {
    let bench = try Workbench()
    let model = try bench.expect(0, ["draw", "spec.json5", "--ops", "-o", "-"]).output
    #expect(model.contains("matmul") && !model.contains("label=\"mixture"))
    let fused = try bench.expect(
      0, ["draw", "spec.json5", "--ops", "--after", "fuse_gates", "-o", "-"]
    ).output
    #expect(fused.contains("label=\"mixture"))
    try bench.expect(
      2, ["draw", "spec.json5", "--ops", "--after", "fuse_gats", "-o", "-"],
      says: ["fuse_gats", "did you mean"])
  }

  @Test func mistakesAreNamed() throws {
    let bench = try Workbench()
    try bench.expect(2, ["draw", "spec.json5"], says: ["-o FILE is missing"])
    try bench.expect(2, ["draw", "spec.json5", "-o", "x.png"], says: ["x.png", ".svg or .dot"])
    try bench.expect(2, ["draw", "spec.json5", "--after", "x", "-o", "-"], says: ["needs --ops"])
    try bench.expect(2, ["draw", "spec.json5", "--ops", "-o", "x.svg"], says: ["as .dot"])
    try bench.expect(3, ["draw", "no.json5", "-o", "x.svg"], says: ["no.json5"])
    #expect(!bench.files.contains("x.svg"))
  }
}
