import Foundation
import Testing

/// `mtlc export` and `mtlc run --weights` through the real binary.
@Suite struct ExportToolTests {
  @Test func weightsGoOutAndComeBack() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    try bench.expect(
      0, ["export", "out/plan.bin", "--format", "safetensors", "-o", "w.safetensors"],
      says: ["wrote w.safetensors"])
    try bench.expect(0, ["compile", "spec.json5", "-q", "-o", "plan.bin"])
    try bench.expect(
      0, ["run", "plan.bin", "--weights", "w.safetensors", "-o", "again.bin"], says: ["again.bin"])
    #expect(try bench.bytes("again.bin") == bench.bytes("out/plan.bin"))
    let predictions = try bench.expect(0, ["run", "out/plan.bin", "--predict", "test.csv"]).output
    let weights = ["run", "plan.bin", "--weights", "w.safetensors"]
    #expect(try bench.expect(0, weights + ["--predict", "test.csv"]).output == predictions)
    try bench.expect(0, weights + ["--eval", "test.csv"], says: ["click"])
    let outcome = try Tool.run(
      ["export", "out/plan.bin", "--format", "safetensors", "-o", "-"], in: bench,
      output: "\(bench.path)/piped")
    #expect(outcome.code == 0)
    #expect(try bench.bytes("piped") == bench.bytes("w.safetensors"))
  }

  @Test func modelsForOtherRuntimes() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    let export = ["export", "out/plan.bin", "--format", "onnx"]
    try bench.expect(0, export + ["-o", "m.onnx"], says: ["wrote m.onnx"])
    try bench.expect(
      0, export + ["--inputs", "raw", "-o", "r.onnx", "--verify", "rows.json"],
      says: ["wrote r.onnx", "wrote rows.json"])
    #expect(try bench.bytes("m.onnx") != bench.bytes("r.onnx"))
    let rows = try JSONSerialization.jsonObject(with: Data(bench.bytes("rows.json")))
    let inputs = try #require((rows as? [String: Any])?["inputs"] as? [String: [Any]])
    #expect(Set(inputs.keys) == ["city", "device", "member", "age", "discount"])
    try bench.expectFailure(
      2, export + ["-o", "x", "--inputs", "text"], says: ["--inputs is encoded or raw"])
    try bench.expectFailure(
      2, export + ["-o", "x", "--verify", "x"], says: ["--verify and -o name one file"])
    try bench.expectFailure(7, export + ["-o", "x", "--verify", "no/x"], says: ["no/x"])
    try bench.expectFailure(
      2, ["export", "out/plan.bin", "--format", "safetensors", "-o", "x", "--inputs", "raw"],
      says: ["has no choice of inputs"])
    #expect(!bench.files.contains("x"))
  }

  /// A source and its header, which appear both or not at all.
  @Test func sourceHasItsHeader() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    let export = ["export", "out/plan.bin", "--format", "c", "-o"]
    try bench.expect(0, export + ["model.c"], says: ["wrote model.c", "model.h"])
    #expect(try bench.text("model.c").contains("#include \"model.h\""))
    #expect(try bench.text("model.h").contains("small_predict("))
    try bench.expectFailure(2, export + ["model.txt"], says: ["whose name ends in .c"])
    try bench.expectFailure(2, export + ["-"], says: ["whose name ends in .c"])
    try bench.expectFailure(2, export + ["model.c", "--states"], says: ["has no optimizer states"])
  }

  @Test func mistakesAreNamed() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    try bench.expect(0, ["compile", "spec.json5", "-q", "-o", "plan.bin"])
    let export = ["export", "out/plan.bin", "--format", "safetensors"]
    try bench.expectFailure(
      2, ["export", "out/plan.bin", "-o", "w"], says: ["--format is missing"])
    try bench.expectFailure(2, export, says: ["-o FILE is missing"])
    try bench.expectFailure(
      2, ["export", "out/plan.bin", "--format", "x", "-o", "w"],
      says: ["unknown format \"x\"", "safetensors"])
    try bench.expectFailure(7, export + ["-o", "no/w"], says: ["no/w"])
    try bench.expectFailure(
      6, ["export", "plan.bin", "--format", "safetensors", "-o", "w"], says: ["not trained"])
    try bench.expectFailure(
      6, export + ["-o", "w", "--states"], says: ["checkpoints have them"])
    try bench.write("nonsense", to: "w.safetensors")
    try bench.expectFailure(
      6, ["run", "plan.bin", "--weights", "w.safetensors", "-o", "x"],
      says: ["w.safetensors: no safetensors file"])
    try bench.expectFailure(
      2, ["run", "plan.bin", "--weights", "w.safetensors"], says: ["nothing to do with the weights"]
    )
    try bench.expectFailure(
      2, ["run", "plan.bin", "--weights", "-", "--predict", "-"], says: ["standard input"])
    try bench.expectFailure(
      2, ["run", "plan.bin", "--weights", "w", "--json"],
      says: ["--json does not go with --weights"])
  }
}
