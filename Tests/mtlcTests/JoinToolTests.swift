import Foundation
import Testing

/// Ratings, users and items in three files, as MovieLens has them, through the real binary.
@Suite struct JoinToolTests {
  private static let spec = """
    {
      name: "ratings",
      data: {
        train: "ratings.tsv", format: "tsv", columns: ["user", "item", "rating", "time"],
        validation_fraction: 0.2, validation_split: "last",
        join: [
          { file: "users.txt", key: "user", delimiter: "|", columns: ["user", "age", "sex", "job"] },
          {
            file: "items.txt", key: "id", column: "item", delimiter: "|", encoding: "Latin-1",
            columns: ["id", "title", "year"],
          },
        ],
      },
      features: [
        { columns: ["user", "item", "sex", "job", "title"], type: "id", embedding_dim: 4 },
        { columns: ["age", "year"], type: "numeric" },
      ],
      tasks: [
        { name: "rating", loss: "mse" },
        { name: "like", label: "rating", positive: ["4", "5"] },
      ],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
      training: { batch_size: 64, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
    }
    """

  private static let ratings = (0..<800).map { k in
    "\(k * 31 % 40)\t\(k * 17 % 53)\t\(1 + (k * 31 % 40 + k * 17 % 53) % 5)\t\(880_000_000 + k)\n"
  }
  private static let users = (0..<40).map {
    "\($0)|\(18 + $0)|\($0 % 2 == 0 ? "M" : "F")|job \($0 % 6)\n"
  }

  private func bench() throws -> Workbench {
    let bench = try Workbench(empty: ())
    try bench.write(Self.spec, to: "spec.json5")
    try bench.write(Self.ratings.joined(), to: "ratings.tsv")
    try bench.write(Self.users.joined(), to: "users.txt")
    // Three of 53 items are not there. 0xE9 is é in Latin-1.
    try bench.write(
      (0..<50).flatMap { Array("\($0)|Am".utf8) + [0xE9] + Array("lie \($0)|\(1950 + $0)\n".utf8) },
      to: "items.txt")
    return bench
  }

  @Test func aSpecOfThreeFilesTrains() throws {
    let bench = try bench()
    let check = try bench.expect(0, ["check", "spec.json5"])
    #expect((check.output + check.errors).contains("have a item that items.txt does not hold"))
    try bench.expect(0, ["train", "spec.json5", "-o", "out"], says: ["items.txt does not hold"])
    let metrics = try bench.text("out/metrics.json")
    #expect(metrics.contains("\"rmse\"") && metrics.contains("\"auc\""))
    // The same from one table, from a cache, twice, and by a plan.
    let cached = ["--set", "data.cache=kept"]
    for _ in 0..<2 { try bench.expect(0, ["train", "spec.json5", "-o", "warm"] + cached) }
    #expect(try bench.text("warm/metrics.json") == metrics)
    try bench.expect(0, ["train", "spec.json5", "--set", "data.stream=true"] + cached)
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["run", "plan.bin", "-o", "run.bin"])
    #expect(try bench.bytes("run.bin") == bench.bytes("out/plan.bin"))
    try bench.write("3\t7\t0\t0\n4\t52\t0\t0\n", to: "new.tsv")
    try bench.expect(
      0, ["run", "out/plan.bin", "--predict", "new.tsv", "-o", "p.csv", "--keep", "user,title"],
      says: ["1 of 2 input rows", "items.txt does not hold"])
    let lines = try bench.text("p.csv").split(separator: "\n")
    #expect(lines.count == 3 && lines[1].hasPrefix("3,Amélie 7,"), "\(lines)")
    let stats = try bench.expect(0, ["data", "stats", "spec.json5"]).output
    #expect(stats.contains("item found in") && stats.contains("user found in"))
    try bench.expect(0, ["data", "head", "spec.json5", "--rows", "2"])
    // A plan opens its tables where they were, from any folder, as it does its training files.
    let tool = try Workbench(empty: ())
    try tool.write("3\t7\t0\t0\n4\t52\t0\t0\n", to: "new.tsv")
    try tool.expect(0, ["run", "\(bench.path)/plan.bin", "-o", "run.bin"])
    #expect(try tool.bytes("run.bin") == bench.bytes("run.bin"))
    let predict = ["run", "run.bin", "--predict", "new.tsv", "-o", "p.csv", "--keep", "user,title"]
    try tool.expect(0, predict)
    #expect(try tool.text("p.csv") == bench.text("p.csv"))
    try FileManager.default.removeItem(atPath: "\(bench.path)/items.txt")
    try tool.expectFailure(
      4, predict, says: ["/items.txt: cannot open", "rows that have them all need it not"])
  }

  @Test func mistakes() throws {
    let bench = try bench()
    try bench.write(Self.users.joined() + Self.users[3], to: "users.txt")
    try bench.expectFailure(
      4, ["train", "spec.json5"], says: ["users.txt:41:1: ", "the key \"3\" is in line 4 already"])
    try bench.expectFailure(
      3, ["check", "spec.json5", "--set", "data.join[0].key=usr"],
      says: ["data.join[0].key: is not in \"columns\"; did you mean \"user\"?"])
    try bench.expectFailure(
      3, ["check", "spec.json5", "--set", "data.join[1].column=itm"],
      says: ["data.join: the rows have no column \"itm\""])
    try bench.expectFailure(
      3, ["check", "spec.json5", "--set", "data.missing=[]"], says: ["data.join: needs a text in"])
    try bench.expectFailure(
      3, ["check", "spec.json5", "--set", "features[1].columns=['age','yaer']"],
      says: ["no column \"yaer\"; did you mean \"year\"?"])
    try FileManager.default.removeItem(atPath: bench.path + "/users.txt")
    try bench.expectFailure(4, ["check", "spec.json5"], says: ["users.txt: cannot open"])
  }
}
