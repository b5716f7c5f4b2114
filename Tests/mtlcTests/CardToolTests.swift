import Foundation
import Testing

/// `mtlc card` and `mtlc train --tensorboard`, through the real binary.
@Suite struct CardToolTests {
  @Test func theCardTellsWhatTheRunMeasured() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "--no-report"])
    let card = try bench.expect(0, ["card", "out"]).output
    try bench.expect(0, ["card", "out/plan.bin", "--eval", "test.csv", "-o", "card.md"])
    let metrics = try Workbench.json(try bench.text("out/metrics.json"))
    let tasks = try #require(
      (metrics["evaluation"] as? [String: Any])?["tasks"] as? [String: [String: Any]])
    let auc = try #require(tasks["click"]?["auc"] as? Double)
    for text in [try bench.text("card.md"), card] {
      #expect(text.hasPrefix("# small\n"))
      #expect(text.contains("| AUC | \(String(format: "%.4f", auc)) |"))
      for title in ["Model", "Data", "Tasks", "Metrics", "Features", "Limits", "Reproduction"] {
        #expect(text.contains("\n## \(title)\n"), "\(title)")
      }
    }
    // The spec in the card is the one that the plan was made from.
    let lines = card.components(separatedBy: "```json\n")[1].components(separatedBy: "\n```")[0]
    try bench.write(lines, to: "spec.json")
    try bench.expect(0, ["train", "spec.json", "-o", "again", "--no-report"])
    #expect(try bench.bytes("again/plan.bin") == bench.bytes("out/plan.bin"))
  }

  @Test func mistakesAreNamed() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expectFailure(6, ["card", "plan.bin"], says: ["not trained"])
    try bench.expectFailure(6, ["card", "nowhere.bin"], says: ["nowhere.bin"])
    try bench.expectFailure(
      7, ["train", "spec.json5", "--tensorboard", "spec.json5"], says: ["a folder is needed"])
  }

  @Test func eventFilesAreWritten() throws {
    let bench = try Workbench()
    let plain = try bench.expect(0, ["train", "spec.json5", "-o", "a", "--no-report"])
    let shown = try bench.expect(
      0, ["train", "spec.json5", "-o", "b", "--no-report", "--tensorboard", "runs/b"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    #expect(plain.output.contains("AUC") && shown.output.contains("AUC"))
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/runs/b")
    #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
    // A run that fails before it trains leaves nothing.
    try bench.write("a,b\n1,2\n", to: "train.csv")
    try bench.expectFailure(
      4, ["train", "spec.json5", "--tensorboard", "other"], says: ["train.csv"])
  }
}
