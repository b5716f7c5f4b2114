import Foundation
import Testing

/// `mtlc cross-validate`.
@Suite struct CrossValidateToolTests {
  @Test func writesMeansAndFolds() throws {
    let bench = try Workbench()
    let outcome = try bench.expect(
      0, ["cross-validate", "spec.json5", "--folds", "3", "--stratify", "purchase", "-o", "out"],
      says: ["3 folds, stratified by purchase; 600 rows predicted", "fold 3/3", "log loss"])
    #expect(outcome.output.contains("fold 3") && outcome.output.contains("mean"))
    let json = try Workbench.json(bench.text("out/cross-validation.json"))
    let tasks = try #require(json["tasks"] as? [String: [String: [String: Any]]])
    #expect(try #require(tasks["click"]?["auc"]?["mean"] as? Double) > 0.5)
    #expect(tasks["click"]?["auc"]?["folds"] as? Int == 3)
    #expect((json["folds"] as? [Any])?.count == 3)
    // The same whatever the threads, for a machine too.
    let again = try bench.expect(
      0,
      [
        "cross-validate", "spec.json5", "--folds", "3", "--stratify", "purchase", "--json",
        "--threads", "3",
      ])
    #expect(try again.output == bench.text("out/cross-validation.json"))
  }

  @Test func columnsGroupAndOrderTheRows() throws {
    let bench = try Workbench()
    try bench.expect(
      0, ["cross-validate", "spec.json5", "--folds", "2", "--group-by", "user_id"],
      says: ["grouped by user_id; 600 rows predicted"])
    try bench.expect(
      0, ["cross-validate", "spec.json5", "--folds", "2", "--time", "user_id"],
      says: ["in the order of user_id"])
  }

  @Test func badInputGetsOneMessage() throws {
    let bench = try Workbench()
    let command = ["cross-validate", "spec.json5"]
    for (code, options, words) in [
      (2, ["--folds", "1"], ["--folds 1: expected a whole number from 2 to 1000"]),
      (2, ["--stratify", "clik"], ["no task \"clik\"", "did you mean click?"]),
      (2, ["--time", "hour", "--stratify", "click"], ["--stratify does not go with --time"]),
      (2, ["--on-error", "skip", "--time", "hour"], ["damaged records cannot be skipped"]),
      (
        4, ["--group-by", "user"],
        ["no column \"user\", which the grouping of folds needs", "user_id"]
      ),
      (4, ["--time", "gender", "--folds", "30"], ["30 folds in time need rows of at least 31"]),
      (4, ["--folds", "700"], ["700 folds need as many rows, and there are 600"]),
      (3, ["--set", "data.cache=cache", "--set", "data.stream=true"], ["data.stream"]),
    ] as [(Int32, [String], [String])] {
      try bench.expectFailure(code, command + options, says: words)
    }
    try bench.write(PrintedText.images, to: "images.json5")
    try bench.write(PrintedText.array([4, 5, 4, 6]), to: "train.npy")
    try bench.expectFailure(
      3, ["cross-validate", "images.json5"], says: ["learns from episodes"])
  }
}
