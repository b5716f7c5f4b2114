import Plan
import Testing

/// One clear message with its place, the documented exit code, and nothing half-written.
@Suite struct BadInputTests {
  private func train(
    _ bench: Workbench, _ code: Int32, _ changes: [String], says words: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let options = changes.flatMap { ["--set", $0] }
    try bench.expectFailure(
      code, ["train", "spec.json5", "-o", "."] + options, says: words, location)
  }

  @Test func spec() throws {
    let bench = try Workbench()
    try train(
      bench, 3, ["training.batchsize=3"],
      says: ["training.batchsize", "did you mean \"batch_size\""])
    try train(bench, 3, ["training.batch_size=0"], says: ["training.batch_size", "from 1"])
    try train(bench, 3, ["model.num_experts=\"many\""], says: ["model.num_experts", "integer"])
    try bench.write(
      Workbench.spec.replacing("embedding_dim: 4", with: "embeding_dim: 4"), to: "typo.json5")
    try bench.expectFailure(
      3, ["train", "typo.json5"], says: ["typo.json5:5:", "embeding_dim", "\"embedding_dim\""])
    try bench.write(
      Workbench.spec.replacing("\"age\", ", with: "\"age\", \"click\", "), to: "leak.json5")
    try bench.expectFailure(
      3, ["train", "leak.json5"], says: ["leak.json5:7:", "\"click\"", "label"])
    try bench.write("{ name: ", to: "broken.json5")
    try bench.expectFailure(3, ["check", "broken.json5"], says: ["broken.json5:1:"])
    try bench.expectFailure(3, ["train", "absent.json5"], says: ["absent.json5", "No such file"])
  }

  @Test func sizes() throws {
    let bench = try Workbench()
    let huge = Workbench.spec.replacing(
      "embedding_dim: 4 }", with: "embedding_dim: 4096, hash_bucket_size: 1000000000 }")
    try bench.write(huge, to: "huge.json5")
    try bench.expectFailure(
      8, ["train", "huge.json5"],
      says: ["memory", "TiB", "city"])
    try bench.expectFailure(8, ["compile", "huge.json5", "-o", "huge.bin"], says: ["memory"])
  }

  @Test func data() throws {
    let bench = try Workbench()
    let lines = try bench.text("train.csv").split(separator: "\n").map(String.init)
    func table(_ name: String, _ change: (inout [String]) -> Void) throws -> String {
      var changed = Array(lines.prefix(200))
      change(&changed)
      try bench.write(changed.joined(separator: "\n"), to: name)
      return "data.train=\(name)"
    }
    try train(bench, 4, ["data.train=absent.csv"], says: ["absent.csv", "No such file"])
    try train(bench, 4, [try table("empty.csv") { $0 = [] }], says: ["empty.csv"])
    try train(bench, 4, [try table("header.csv") { $0 = [$0[0]] }], says: ["header.csv", "no row"])
    try train(
      bench, 4, [try table("column.csv") { $0[0] = $0[0].replacing("city", with: "town") }],
      says: ["column.csv", "\"city\""])
    try train(
      bench, 4, [try table("ragged.csv") { $0[6] += ",x" }], says: ["ragged.csv:7", "fields"])
    let columns = lines[0].split(separator: ",")
    let age = try #require(columns.firstIndex(of: "age"))
    let bad = try table("number.csv") {
      var cells = $0[4].split(separator: ",", omittingEmptySubsequences: false)
      cells[age] = "twelve"
      $0[4] = cells.joined(separator: ",")
    }
    try train(bench, 4, [bad], says: ["number.csv:5:", "twelve"])
    let negative = try table("negative.csv") {
      $0 = [$0[0]] + $0.dropFirst().filter { $0.hasPrefix("0,0,") }
    }
    try train(bench, 4, [negative], says: ["negative.csv", "task click", "no row has a positive"])
    try train(bench, 4, ["data.test=absent.csv"], says: ["absent.csv"])
  }

  @Test func numbers() throws {
    let bench = try Workbench()
    try train(
      bench, 5, ["training.optimizer={ type: \"sgd\", learning_rate: 1e30 }"],
      says: ["task", "step", "first seen in", "learning_rate"])
    try bench.expectFailure(
      5,
      [
        "train", "spec.json5", "--mode", "eager", "--set",
        "training.optimizer={ type: \"sgd\", learning_rate: 1e30 }",
      ], says: ["task", "step", "first seen in"])
  }

  @Test func plans() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    let plan = try bench.bytes("plan.bin")
    for count in [0, 1, 8, 11, 19, 27, plan.count / 2, plan.count - 1] {
      try bench.write(Array(plan[..<count]), to: "cut.bin")
      try bench.expectFailure(6, ["run", "cut.bin"], says: ["cut.bin: "])
    }
    for index in stride(from: 0, to: plan.count, by: max(1, plan.count / 12)) {
      var damaged = plan
      damaged[index] ^= 0x10
      try bench.write(damaged, to: "flipped.bin")
      try bench.expectFailure(6, ["run", "flipped.bin"], says: ["flipped.bin: "])
    }
    // Another version: version number and checksum are right, so it is not damage.
    var other = plan
    other[8] = 99
    let body = other.count - 8
    let sum = Checksum.of(other, count: body)
    for byte in 0..<8 { other[body + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt64(byte))) }
    try bench.write(other, to: "other.bin")
    try bench.expectFailure(6, ["run", "other.bin"], says: ["version 99", "newer mtlc"])
    try bench.expectFailure(6, ["run", "train.csv"], says: ["not a plan"])
    try bench.expectFailure(6, ["run", "absent.bin"], says: ["absent.bin", "no such file"])
    try bench.expectFailure(
      6, ["run", "plan.bin", "--predict", "test.csv", "-o", "x"], says: ["not trained"])
  }

  @Test func predictionRows() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    let lines = try bench.text("test.csv").split(separator: "\n").map(String.init)
    func predict(_ rows: [String], says words: [String]) throws {
      try bench.expectFailure(
        4, ["run", "out/plan.bin", "--predict", "-", "-o", "x.csv"], says: words,
        input: rows.joined(separator: "\n"))
    }
    try predict([], says: ["<stdin>"])
    try predict([lines[0].replacing("city", with: "town"), lines[1]], says: ["\"city\""])
    try predict([lines[0], lines[1], lines[2] + ",1"], says: ["<stdin>:3", "fields"])
    let short = lines[4].split(separator: ",", omittingEmptySubsequences: false).dropLast()
    try predict(Array(lines[..<4]) + [short.joined(separator: ",")], says: ["<stdin>:5", "fields"])
    try bench.expectFailure(
      4, ["run", "out/plan.bin", "--predict", "test.csv", "-o", "x.csv", "--keep", "usr_id"],
      says: ["usr_id", "user_id"])
  }

  @Test func output() throws {
    let bench = try Workbench()
    try bench.expectFailure(
      7, ["compile", "spec.json5", "-o", "absent/plan.bin"], says: ["absent/plan.bin", "folder"])
    try bench.expectFailure(7, ["compile", "spec.json5", "-o", "."], says: ["directory"])
    try bench.expectFailure(
      7, ["train", "spec.json5", "-o", "train.csv"], says: ["train.csv", "file"])
    #if os(Linux)
      // A device that is always full.
      try bench.expectFailure(7, ["compile", "spec.json5", "-o", "/dev/full"], says: ["No space"])
      let outcome = try bench.run(["help"], output: "/dev/full")
      #expect(outcome.code == 7)
      #expect(outcome.errors == "mtlc: error: <stdout>: cannot write: No space left on device\n")
    #endif
  }
}
