import Foundation
import Testing

/// `mtlc report`, and the page that `mtlc train -o` writes, through the real binary.
@Suite struct ReportToolTests {
  @Test func trainingWritesThePage() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    #expect(bench.listing("out") == ["plan.bin", "metrics.json", "report.html"])
    let page = try bench.text("out/report.html")
    for text in ["click: AUC", "gates.purchase", "ROC curve", "mtlc report out", "missing"] {
      #expect(page.contains(text), "\(text)")
    }
    try bench.expect(0, ["train", "spec.json5", "-o", "bare", "--no-report"])
    #expect(bench.listing("bare") == ["plan.bin", "metrics.json"])
    #expect(try bench.bytes("bare/plan.bin") == bench.bytes("out/plan.bin"))
    #expect(
      try bench.expect(2, ["train", "spec.json5", "--no-report"]).errors.contains("-o FOLDER"))
  }

  @Test func madeAgainItHasTheSameNumbers() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    let first = try bench.text("out/report.html")
    try bench.expect(0, ["report", "out"])
    let second = try bench.text("out/report.html")
    // Charts and tables, the curves of training included, are those of the training run.
    func charts(_ page: String) -> [Substring] {
      page.split(separator: "\n").filter { $0.hasPrefix("<path") || $0.hasPrefix("<tr>") }
    }
    #expect(!charts(second).isEmpty && Set(charts(second)).isSubset(of: Set(charts(first))))
    #expect(second.contains("Loss on the training rows"))
    let report = try Workbench.json(bench.expect(0, ["report", "out", "--json"]).output)
    let evaluation = try #require(report["evaluation"] as? [String: Any])
    let conflicts = try #require(report["conflicts"] as? [String: [[Double]]])
    #expect(conflicts["click and purchase"]?.isEmpty == false, "\(conflicts)")
    let metrics = try #require(
      Workbench.json(
        bench.expect(0, ["run", "out/plan.bin", "--eval", "test.csv", "--json"]).output)["tasks"]
        as? [String: [String: Any]])
    let tasks = try #require(evaluation["tasks"] as? [String: [String: Any]])
    #expect(tasks["click"]?["auc"] as? Double == metrics["click"]?["auc"] as? Double)
    #expect(tasks["click"]?["ece"] as? Double == metrics["click"]?["ece"] as? Double)
  }

  @Test func mistakesAreNamed() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "--no-report"])
    for (words, code, text) in [
      (["report", "out/plan.bin"], 2, "-o FILE is missing"),
      (["report", "nowhere"], 6, "nowhere"),
      (["report", "out", "--eval", "none.csv"], 4, "none.csv"),
      (["report", "out/plan.bin", "-o", "no/such/folder.html"], 7, "folder.html"),
      (["report", "out", "-o", "-", "--json"], 2, "no room for --json"),
    ] as [([String], Int32, String)] {
      #expect(try bench.expect(code, words).errors.contains(text), "\(words)")
    }
    try bench.write("not json", to: "out/metrics.json")
    #expect(try bench.expect(4, ["report", "out"]).errors.contains("metrics.json"))
    #expect(!bench.listing("out").contains("report.html"))
  }
}

extension Workbench {
  /// The names in one of its folders.
  fileprivate func listing(_ folder: String) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? [])
  }
}
