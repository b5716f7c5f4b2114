import Foundation
import TestSupport
import Testing

/// `mtlc data`, caches, streams, damaged records and checkpoints, through the real binary.
@Suite struct DataCommandTests {
  private static let sparse = Workbench.spec.replacing(
    "optimizer: {", with: "sparse_optimizer: { type: \"rowwise_adagrad\" }, optimizer: {")

  private func spec(data: String) -> String {
    Self.sparse.replacing("test: \"test.csv\" }", with: "test: \"test.csv\", \(data) }")
  }

  @Test func aCacheChangesNothing() throws {
    let bench = try Workbench(spec: spec(data: "cache: \"kept\""))
    try bench.expect(0, ["train", "spec.json5", "-o", "a"], says: ["wrote kept/train-"])
    try bench.expect(0, ["train", "spec.json5", "-o", "b"], says: ["opened kept/train-"])
    try bench.write(Self.sparse, to: "plain.json5")
    try bench.expect(0, ["train", "plain.json5", "-o", "c"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    #expect(try bench.bytes("a/metrics.json") == bench.bytes("c/metrics.json"))
    // A folder that cannot be made is no reason not to train.
    let nowhere = ["--set", "data.cache=spec.json5/cache"]
    try bench.expect(0, ["train", "spec.json5"] + nowhere, says: ["not kept in the cache"])
    let text = try bench.expect(0, ["data", "convert", "plain.json5", "-o", "new"]).output
    #expect(text.contains("600") && text.contains("300"))
    try bench.expectFailure(2, ["data", "convert", "plain.json5"], says: ["data.cache"])
  }

  @Test(.disabled(if: Sanitizer.isPresent, "a sanitizer needs files of its own"))
  func aFullDiskIsTold() throws {
    let bench = try Workbench(spec: spec(data: "cache: \"kept\""))
    // Rows that do not fit their file are no reason not to train, but to convert or to stream.
    func limited(_ arguments: [String]) throws -> Tool.Outcome {
      try Tool.run(arguments, in: bench, limit: "-f 8")
    }
    let check = try limited(["check", "spec.json5"])
    #expect(check.code == 0 && check.errors.contains("not kept in the cache"), "\(check.errors)")
    let convert = try limited(["data", "convert", "spec.json5"])
    #expect(convert.code == 7 && convert.errors.contains("cannot write"), "\(convert.errors)")
    let train = try limited(["train", "spec.json5", "--set", "data.stream=true", "-o", "out"])
    #expect(train.code == 7 && train.errors.contains("cannot write"), "\(train.errors)")
    let kept = try FileManager.default.contentsOfDirectory(atPath: bench.path + "/kept")
    #expect(kept.isEmpty, "\(kept)")
    try bench.expect(0, ["data", "convert", "spec.json5"], says: ["wrote kept/train-"])
  }

  @Test func columnsAreDescribedAndShown() throws {
    let bench = try Workbench()
    let text = try bench.expect(0, ["data", "stats", "spec.json5"]).output
    for word in ["600 training rows", "300 test rows", "unknown in test", "city", "deviation"] {
      #expect(text.contains(word), "\(word)")
    }
    let json = try bench.expect(0, ["data", "stats", "spec.json5", "--json"]).output
    #expect(try Workbench.json(json)["training"] != nil)
    let head = try bench.expect(0, ["data", "head", "spec.json5", "--rows", "3"]).output
    #expect(head.contains("row 3") && !head.contains("row 4") && head.contains("discount"))
    try bench.expectFailure(2, ["data", "tail", "spec.json5"], says: ["convert, stats, head"])
  }

  @Test func readingIsTimed() throws {
    let bench = try Workbench()
    let text = try bench.expect(0, ["data", "bench", "spec.json5", "--repeat", "2"]).output
    for word in ["600 rows", "text, 1 thread", "cache", "GB/s"] {
      #expect(text.contains(word), "\(word)")
    }
    let json = try bench.expect(
      0, ["data", "bench", "spec.json5", "--threads", "3", "--repeat", "1", "--json"]
    ).output
    let readings = try #require(Workbench.json(json)["readings"] as? [[String: Any]])
    #expect(readings.map { $0["from"] as? String } == ["text", "cache"])
    #expect(readings[0]["threads"] as? Int == 3)
    try bench.expectFailure(
      2, ["data", "stats", "spec.json5", "--threads", "1"], says: ["data bench"])
    try bench.expectFailure(2, ["data", "bench", "spec.json5", "--rows", "1"], says: ["--rows"])
  }

  @Test func streamedTrainingIsTheSameOnAnyThreads() throws {
    let bench = try Workbench(spec: spec(data: "cache: \"kept\", stream: true"))
    try bench.expect(0, ["train", "spec.json5", "-o", "a", "--threads", "1"], says: ["waited for"])
    try bench.expect(0, ["train", "spec.json5", "-o", "b", "--threads", "2"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    try bench.write(spec(data: "stream: true"), to: "loose.json5")
    try bench.expectFailure(3, ["train", "loose.json5"], says: ["data.stream", "cache"])
  }

  @Test func aRunGoesOnFromACheckpoint() throws {
    for data in ["validation: \"test.csv\"", "cache: \"kept\", stream: true"] {
      let bench = try Workbench(spec: spec(data: data))
      let train = ["train", "spec.json5", "--set", "training.epochs=300", "-o"]
      try bench.expect(0, train + ["whole"])
      try bench.interrupt(train + ["out"])
      let other = ["--set", "training.batch_size=32", "-q"]
      try bench.expect(6, train + ["out", "--resume"] + other, says: ["another spec"])
      try bench.expect(0, train + ["out", "--resume"])
      #expect(try bench.bytes("whole/plan.bin") == bench.bytes("out/plan.bin"))
      try bench.expect(2, ["train", "spec.json5", "--resume"], says: ["-o FOLDER"])
    }
  }

  @Test func damagedRowsCanBeSkipped() throws {
    let bench = try Workbench()
    var lines = try bench.text("train.csv").split(separator: "\n").map(String.init)
    lines.insert("broken", at: 40)
    try bench.write(lines.joined(separator: "\n") + "\n", to: "train.csv")
    try bench.expectFailure(4, ["train", "spec.json5"], says: ["train.csv:41"])
    try bench.expect(
      0, ["train", "spec.json5", "--on-error", "skip"],
      says: ["skipped 1 damaged record,", "train.csv:41", "read 600 rows"])
    try bench.expectFailure(2, ["train", "spec.json5", "--on-error", "skp"], says: ["skip"])
  }

  @Test func severalFilesByAPattern() throws {
    let bench = try Workbench(
      spec: Workbench.spec.replacing("train: \"train.csv\"", with: "train: \"part-*.csv\""))
    let lines = try bench.text("train.csv").split(separator: "\n").map(String.init)
    for part in 0..<3 {
      let rows = lines[1...].enumerated().filter { $0.offset % 3 == part }.map(\.element)
      try bench.write(([lines[0]] + rows).joined(separator: "\n") + "\n", to: "part-\(part).csv")
    }
    try bench.expect(0, ["train", "spec.json5"], says: ["read 600 rows"])
    try bench.expectFailure(
      3, ["train", "spec.json5", "--set", "data.train=none-*.csv"], says: ["no file matches"])
  }

  @Test func tablesAreNotClippedToANorm() throws {
    let bench = try Workbench(
      spec: Self.sparse.replacing(
        "optimizer: { type: \"adam\"",
        with: "gradient_clip_norm: 1, optimizer: { type: \"adam\""))
    try bench.expectFailure(3, ["check", "spec.json5"], says: ["sparse_optimizer"])
    let unknown = ["--set", "training.sparse_optimizer.type=lazy_adm"]
    try bench.expectFailure(3, ["check", "spec.json5"] + unknown, says: ["lazy_adam"])
  }
}
