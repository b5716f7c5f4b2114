import Foundation
import Testing

/// Kinds of features beside numbers and ids, through the real binary: trained cached, streamed and from a warm
/// cache, predicted with, described; and refused where they are misused.
@Suite struct FeatureKindTests {
  private static let spec = """
    {
      name: "kinds",
      data: { train: "rows.csv", test: "rows.csv", delimiter: ";", decimal: "," },
      features: [
        { name: "user", type: "id", embedding_dim: 2, missing: ["-1"] },
        { name: "price", type: "numeric", thousands: "." },
        { name: "time", type: "datetime", parts: ["weekday", "hour", "days"], embedding_dim: 2 },
        { name: "pair", type: "cross", of: ["user", "tags"], hash_bucket_size: 50, embedding_dim: 2 },
        { name: "picture", type: "vector", dim: 2, separator: " ", brackets: true, decimal: "." },
        { name: "tags", type: "sequence", brackets: true, weights_column: "weights", embedding_dim: 2 },
      ],
      tasks: [{ name: "click" }, { name: "spent", loss: "mse" }],
      model: { type: "shared_bottom", bottom_hidden_units: [8], tower_hidden_units: [4] },
      training: { batch_size: 32, epochs: 2 },
    }
    """

  private static let header = "user;price;time;picture;tags;weights;click;spent\n"
  private static func row(_ k: Int) -> String {
    "\(k % 9 - 1);1.\(100 + k % 800),5;2024-05-\(10 + k % 20) \(10 + k % 14):00:00;[0.\(k % 10) -1.5];"
      + "['a\(k % 3)', 'b'];[1, \(k % 4)];\(k % 2);\(k % 7),25\n"
  }

  private func bench() throws -> Workbench {
    let bench = try Workbench(empty: ())
    try bench.write(Self.spec, to: "spec.json5")
    try bench.write(Self.header + (0..<300).map(Self.row).joined(), to: "rows.csv")
    return bench
  }

  @Test func allKindsTrain() throws {
    let bench = try bench()
    try bench.expect(0, ["check", "spec.json5"])
    try bench.expect(0, ["train", "spec.json5", "-o", "out"])
    let metrics = try bench.bytes("out/metrics.json")
    let cached = ["--set", "data.cache=kept"]
    for _ in 0..<2 {
      try bench.expect(0, ["train", "spec.json5", "-o", "warm"] + cached)
      #expect(try bench.bytes("warm/metrics.json") == metrics)
    }
    try bench.expect(0, ["train", "spec.json5", "--set", "data.stream=true"] + cached)
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["run", "plan.bin", "-o", "run.bin"])
    #expect(try bench.bytes("run.bin") == bench.bytes("out/plan.bin"))
    try bench.expect(0, ["compare", "spec.json5"])
    try bench.expect(0, ["run", "out/plan.bin", "--predict", "rows.csv", "-o", "p.csv"])
    try bench.expect(0, ["run", "out/plan.bin", "--eval", "rows.csv"])
    let stats = try bench.expect(0, ["data", "stats", "spec.json5"]).output
    for word in ["time.weekday", "time.days", "user × tags", "picture"] {
      #expect(stats.contains(word), "\(word)")
    }
    let head = try bench.expect(0, ["data", "head", "spec.json5", "--rows", "1"]).output
    #expect(head.contains("0.0 -1.5"), "\(head)")
    try bench.expect(0, ["inspect", "out/plan.bin"], says: ["hashed from user × tags"])
  }

  @Test(arguments: [
    (
      "features[2].parts=['hours']",
      "features[2].parts[0]: unknown part \"hours\"; did you mean \"hour\"?"
    ),
    ("features[2].parts=[]", "features[2].parts: names no part"),
    ("features[2].time_format='%Q'", "features[2].time_format: must be \"iso\""),
    ("features[3].of=['user']", "features[3].of: must name two columns or more"),
    ("features[3].of=['user','click']", "is the label of the task \"click\""),
    ("features[3].columns=['a']", "features[3].columns: does not go with the type \"cross\""),
    ("features[4].dim=0", "features[4].dim: expected an integer from 1"),
    ("features[5].weighted=true", "features[5].weights_column: does not go with \"weighted\""),
    ("features[1].thousands=','", "features[1].thousands: is the same character"),
    ("data.decimal='ab'", "data.decimal: must be one ASCII character"),
    ("features[0].decimal=','", "features[0].decimal: does not go with the feature type \"id\""),
  ])
  func misuse(assignment: String, words: String) throws {
    try bench().expectFailure(3, ["check", "spec.json5", "--set", assignment], says: [words])
  }

  @Test func badCells() throws {
    let bench = try bench()
    let good = Self.row(1)
    for (from, to, words) in [
      ("1.101,5", "1.10,5", "\"1.10,5\" in column \"price\" is not a finite number"),
      ("2024-05-11", "11.05.2024", "\"11.05.2024 11:00:00\" in column \"time\" is no date or time"),
      ("[0.1 -1.5]", "[0.1]", "holds 1 numbers, and feature \"picture\" needs 2"),
      ("[1, 1]", "[1]", "holds 1 weights for 2 ids of column \"tags\""),
    ] {
      try bench.write(Self.header + Self.row(0) + good.replacing(from, with: to), to: "rows.csv")
      try bench.expectFailure(4, ["train", "spec.json5"], says: ["rows.csv:3:", words])
    }
  }
}
