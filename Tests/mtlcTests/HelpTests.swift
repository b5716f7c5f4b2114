import Testing

@Suite struct HelpTests {
  private static let commands = [
    "train", "init", "check", "compile", "run", "compare", "inspect", "export", "explain", "draw",
    "importance",
    "bench",
    "sample",
    "help", "completions", "version",
  ]

  @Test func everyCommandExplainsItself() throws {
    let bench = try Workbench(empty: ())
    let overview = try bench.expect(0, ["help"]).output
    for command in Self.commands {
      #expect(overview.contains("\n  \(command) "))
      let help = try bench.expect(0, [command, "--help"], says: ["Usage: mtlc \(command)"]).output
      #expect(help.contains("Examples:") && help.contains("--help"))
      #expect(help.split(separator: "\n").allSatisfy { $0.count <= 100 })
      #expect(try bench.expect(0, ["help", command]).output == help)
    }
    try bench.expect(0, ["--help"], says: ["Commands:"])
    try bench.expect(0, ["--version"], says: ["mtlc "])
    try bench.expect(0, ["help", "exit-codes"], says: ["  4  "])
    try bench.expect(0, ["help", "spec"], says: ["embedding_dim", "batch_size"])
    try bench.expect(0, ["help", "spec", "model.mmoe"], says: ["num_experts"])
  }

  @Test func mistakesOnTheCommandLine() throws {
    let bench = try Workbench(empty: ())
    try bench.expect(2, [], says: ["Usage: mtlc COMMAND"])
    try bench.expect(2, ["trian"], says: ["unknown command \"trian\"", "train"])
    try bench.expect(
      2, ["train", "--thread", "2", "x"], says: ["--thread", "did you mean --threads"])
    try bench.expect(2, ["train", "-z", "x"], says: ["unknown option -z — see mtlc help train"])
    try bench.expect(2, ["train"], says: ["SPEC is missing", "usage: mtlc train SPEC"])
    try bench.expect(2, ["train", "a", "b"], says: ["unexpected argument \"b\""])
    try bench.expect(2, ["train", "a", "--threads"], says: ["--threads needs a value"])
    try bench.expect(2, ["train", "a", "--threads", "x"], says: ["--threads x", "whole number"])
    try bench.expect(
      2, ["train", "a", "--mode", "eger"], says: ["static, eager", "did you mean eager"])
    try bench.expect(2, ["train", "a", "--json=1"], says: ["takes no value"])
    try bench.expect(2, ["compile", "a"], says: ["-o PLAN"])
    try bench.expect(
      2, ["compile", "a", "--disable", "fuse_gats"], says: ["did you mean \"fuse_gates\"?"])
    try bench.expect(2, ["compile", "a", "--disable", "differentiate"], says: ["must run"])
    try bench.expect(2, ["compile", "a", "--emit", "grph"], says: ["did you mean graph"])
    try bench.expect(
      2, ["compile", "a", "--stop-after", "diferentiate"], says: ["differentiate"])
    try bench.expect(2, ["run", "a", "--keep", "x"], says: ["--predict"])
    try bench.expect(2, ["help", "spec", "trainig"], says: ["did you mean training"])
  }
}
