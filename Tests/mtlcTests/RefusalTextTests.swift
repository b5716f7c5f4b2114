import Testing

/// Calls that cannot do what they ask for: exit codes and whole messages, as they were when somebody
/// last read them.
@Suite struct RefusalTextTests {
  private static let calls: [String] = [
    "", "trian spec.json5", "help trian", "help spec training.batch_sze", "train",
    "train none.json5",
    "train spec.json5 more.json5", "train spec.json5 --epochs 3", "train spec.json5 --threads 0",
    "train spec.json5 --threads 100000", "train spec.json5 --threads x",
    "train spec.json5 --threads",
    "train spec.json5 --seed -1", "train spec.json5 --seed 1.5", "train spec.json5 --resume",
    "train spec.json5 --resume -o none", "train spec.json5 --no-report",
    "train spec.json5 --checkpoint",
    "train spec.json5 --mode fast", "train spec.json5 --on-error go", "train spec.json5 --mpi",
    "train spec.json5 --set", "train spec.json5 --set training.epochs",
    "train spec.json5 --set training.epochs=0", "train spec.json5 --set training.epoch=3",
    "train spec.json5 --set model.type=mmo", "train spec.json5 -o spec.json5",
    "train spec.json5 -q -q", "train --quiet=yes spec.json5", "train train.csv", "train .",
    "check", "check none.json5", "check plan.bin", "check spec.json5 --rows 0",
    "compile spec.json5 -o .", "compile spec.json5 --emit grap",
    "compile spec.json5 --stop-after cs",
    "compile spec.json5 --disable cse,nothing", "compile spec.json5 --program evaluate",
    "run", "run spec.json5", "run none.bin", "run plan.bin", "run plan.bin --eval none.csv",
    "run plan.bin --eval test.csv", "run plan.bin --predict test.csv",
    "run out/plan.bin", "run out/plan.bin --eval", "run out/plan.bin --eval spec.json5",
    "run out/plan.bin --predict test.csv --eval test.csv",
    "run out/plan.bin --predict test.csv -o .",
    "run out/plan.bin --predict images.json5", "run out/plan.bin --train train.csv",
    "compare plan.bin", "compare spec.json5 --steps 0", "compare spec.json5 --steps many",
    "compare spec.json5 --tolerance -1", "cross-validate spec.json5 --folds 1",
    "cross-validate spec.json5 --folds 65", "tune spec.json5 --trials 0", "tune spec.json5",
    "inspect", "inspect spec.json5", "inspect train.csv", "inspect plan.bin --profile --rows 0",
    "inspect plan.bin --json --json", "export plan.bin", "export out/plan.bin",
    "export out/plan.bin --format onnxx -o m", "export plan.bin --format onnx -o m.onnx",
    "export out/plan.bin --format c -o m.cc", "convert spec.json5 -o p.bin", "convert plan.bin",
    "bench spec.json5 --steps 0", "bench", "explain plan.bin", "explain spec.json5 --after nothing",
    "draw spec.json5", "draw spec.json5 -o m.png", "draw plan.bin --ops --after cs -o -",
    "importance plan.bin", "importance out/plan.bin", "importance out/plan.bin --data none.csv",
    "report plan.bin", "report none", "card plan.bin", "card none", "data", "data spec.json5",
    "data tail spec.json5", "data head spec.json5 --rows 0", "data head spec.json5 --rows -3",
    "data stats none.json5", "sample", "sample . --rows 0", "sample . --kind adds",
    "sample spec.json5 --rows 5", "completions", "completions tcsh", "version 2", "version --json",
    "init", "init none.csv", "init train.csv", "init train.csv --label clik",
    "init train.csv --label click --delimiter ,,", "init train.csv --label click --rows 0",
    "init spec.json5 --label name", "run plan.bin --unknown", "--version", "-h", "train -h",
  ]

  @Test func refusalsAreAsBefore() throws {
    let bench = try PrintedText.bench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin", "-q"])
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "-q"])
    let before = bench.files
    var text = ""
    for call in Self.calls {
      let result = try bench.run(call.split(separator: " ").map(String.init))
      text += "$ mtlc \(call)\n\(result.errors)"
      // Pages have files of their own.
      if result.code != 0 { text += result.output }
      text += "= \(result.code)\n\n"
    }
    // A call that is refused writes nothing.
    #expect(bench.files == before)
    try PrintedText.check(PrintedText.masked(text), "refusals")
  }
}
