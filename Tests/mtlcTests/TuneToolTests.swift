import Foundation
import Testing

/// `mtlc tune`.
@Suite struct TuneToolTests {
  private static let command = ["tune", "spec.json5", "--trials", "6", "--seed", "3"]

  private func bench() throws -> Workbench {
    try Workbench(
      spec: Workbench.spec.replacingOccurrences(
        of: "name: \"small\",",
        with: """
          name: "small",
          search: {
            "training.optimizer.learning_rate": { log: [1e-3, 1e-1] },
            "model.type": ["mmoe", "ple"],
          },
          """))
  }

  @Test func writesTheBestSpecAndAllTrials() throws {
    let bench = try bench()
    let outcome = try bench.expect(
      0, Self.command + ["-o", "out"], says: ["of 6 trials", "mean rank", "trial 6, "])
    #expect(outcome.output.contains("training.optimizer.learning_rate: 0.0"))
    let json = try Workbench.json(bench.text("out/trials.json"))
    let best = try #require(json["best"] as? [String: Any])
    #expect((json["results"] as? [Any])?.count ?? 0 >= 8)
    let text = try bench.text("out/best.json5")
    #expect(text.contains("\(bench.path)/train.csv") && !text.contains("search"))
    try bench.expect(0, ["check", "out/best.json5"])
    try bench.expect(0, ["train", "out/best.json5", "-q"], says: ["test rows"])
    #expect(text.contains("epochs: \(try #require(best["epochs"] as? Int))"))
    // A search is not begun over another one by accident.
    try bench.expectFailure(7, Self.command + ["-o", "out"], says: ["--resume goes on with it"])
    let again = try bench.expect(0, Self.command + ["-o", "out", "--resume", "--json", "-q"])
    #expect(try again.output == bench.text("out/trials.json"))
  }

  @Test(arguments: [SIGKILL, SIGTERM]) func goesOnAfterASignal(signal: Int32) throws {
    let bench = try bench()
    let (process, input) = try bench.start(Self.command + ["-o", "out", "--threads", "1"])
    for _ in 0..<3000 {
      let lines = (try? bench.text("out/journal.jsonl"))?.split(separator: "\n").count ?? 0
      if lines > 2 || !process.isRunning { break }
      usleep(10_000)
    }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    withExtendedLifetime(input) {}
    try bench.expect(0, Self.command + ["-o", "out", "--resume"], says: ["going on with"])
    try bench.expect(0, Self.command + ["-o", "whole"])
    for name in ["trials.json", "best.json5", "search.html"] {
      #expect(try bench.text("out/\(name)") == bench.text("whole/\(name)"))
    }
  }

  @Test func badInputGetsOneMessage() throws {
    let bench = try bench()
    for (code, options, words) in [
      (2, [], ["-o FOLDER is missing"]),
      (
        2, ["-o", "out", "--budget", "5m", "--trials", "3"], ["--trials does not go with --budget"]
      ),
      (2, ["-o", "out", "--budget", "soon"], ["--budget soon: expected a time"]),
      (2, ["-o", "out", "--budget", "0.0001s"], ["no trial was done"]),
      (2, ["-o", "out", "--trials", "0"], ["--trials 0"]),
      (2, ["-o", "out", "--metric", "click.acu"], ["did you mean auc?"]),
      (2, ["-o", "out", "--folds", "1"], ["--folds 1"]),
      (4, ["-o", "out", "--folds", "1000", "--stratify", "click"], ["fewer than the 1000 folds"]),
      (2, ["-o", "out", "--time", "day", "--group-by", "city"], ["does not go with --time"]),
      (3, ["-o", "out", "--set", "search={ 'training.batch_siz': [1] }"], ["batch_size"]),
      (3, ["-o", "out", "--set", "search={}"], ["names no key"]),
      (6, ["-o", "out", "--resume"], ["no search to go on with"]),
    ] as [(Int32, [String], [String])] {
      try bench.expectFailure(code, ["tune", "spec.json5"] + options, says: words)
    }
    try bench.expectFailure(
      3, ["tune", "-", "-o", "out"], says: ["data.train: the best spec is to name its files"],
      input: Workbench.spec.replacingOccurrences(of: "\"train.csv\"", with: "\"-\""))
  }
}
