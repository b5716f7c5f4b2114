import Foundation
import Testing

/// No option is ignored in silence: whatever `help` lists changes what a command does, or is refused
/// with what it does not go with, for a model of rows and for one that learns from tasks.
@Suite struct OptionTests {
  /// What an option did, as its effect shows from outside.
  enum Effect {
    /// What is printed differs from that of the same call without the option.
    case printed
    /// The file is written.
    case file(String)
    /// What is printed is the same, by contract: the option must be taken, and refused with the value
    /// that no call can have.
    case same(wrong: String)
  }

  private static let rows = """
    {
      name: "rows",
      data: { train: "table/train.csv", test: "table/test.csv" },
      features: [
        { name: "category", type: "id", embedding_dim: 2 },
        { columns: ["price", "novelty"], type: "numeric" },
      ],
      tasks: [{ name: "click" }],
      model: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] },
      training: { epochs: 1 },
    }
    """

  private static let tasks = rows.replacing(
    "test.csv\" ", with: "test.csv\", generate: \"cold_start\" "
  ).replacing(
    #"{ type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] }"#,
    with: """
      { type: "maml", group: "user_id", support_rows: 4, query_rows: 6, inner_steps: 1,
        base: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] } }
      """
  ).replacing("{ epochs: 1 }", with: "{ meta_steps: 5, meta_batch_size: 3 }")

  /// The options of commands that take a spec, with what they do for both kinds of model.
  private static let cases: [(command: [String], options: [(words: [String], effect: Effect)])] = [
    (
      ["train", "SPEC"],
      [
        (["--output", "out"], .file("out/plan.bin")),
        (["--checkpoint", "--output", "out"], .file("out/plan.bin")),
        (["--mode", "eager"], .printed),
        (["--set", "training.seed=5"], .printed),
        (["--seed", "5"], .printed),
        (["--on-error", "skip", "--set", "data.train=damaged.csv"], .printed),
        (["--threads", "1"], .same(wrong: "0")),
        (["--json"], .printed),
        (["--quiet"], .printed),
      ]
    ),
    (
      ["check", "SPEC"],
      [
        (["--rows", "900"], .printed),
        (["--on-error", "skip", "--set", "data.train=damaged.csv"], .printed),
        (["--set", "model.bottom_hidden_units=[8]"], .printed),
        (["--json"], .printed),
        (["--quiet"], .printed),
      ]
    ),
    (
      ["compare", "SPEC", "--steps", "2"],
      [
        (["--tolerance", "1"], .same(wrong: "-1")),
        (["--set", "training.seed=5"], .printed),
        (["--threads", "1"], .same(wrong: "0")),
        (["--json"], .printed),
        (["--quiet"], .printed),
      ]
    ),
    (
      ["explain", "SPEC"],
      [
        (["--program", "predict"], .printed),
        (["--disable", "fuse_linear"], .printed),
        (["--set", "model.bottom_hidden_units=[8]"], .printed),
        (["--quiet"], .printed),
      ]
    ),
    (
      ["compile", "SPEC", "--emit", "plan"],
      [
        (["--output", "plan.bin"], .file("plan.bin")),
        (["--program", "predict"], .printed),
        (["--print-after", "cse"], .printed),
        (["--disable", "fuse_linear"], .printed),
        (["--set", "model.bottom_hidden_units=[8]"], .printed),
        (["--quiet"], .printed),
      ]
    ),
    (
      ["data", "stats", "SPEC"],
      [
        (["--rows", "900"], .printed),
        (["--on-error", "skip", "--set", "data.train=damaged.csv"], .printed),
        (["--json"], .printed),
        (["--quiet"], .printed),
      ]
    ),
  ]

  @Test(arguments: [rows, tasks]) func eachOptionActs(spec: String) throws {
    let bench = try Workbench(empty: ())
    let key = spec == Self.tasks ? "model.base.bottom_hidden_units" : "model.bottom_hidden_units"
    try bench.write(Self.tasks, to: "spec.json5")
    try bench.expect(0, ["check", "spec.json5", "-q"])
    try bench.write(spec, to: "spec.json5")
    let table = try bench.text("table/train.csv")
    try bench.write(table + "not,a,row\n", to: "damaged.csv")
    for (command, options) in Self.cases {
      let command = command.map { $0 == "SPEC" ? "spec.json5" : $0 }
      let plain = Self.untimed(try bench.expect(0, command))
      #expect(Self.untimed(try bench.expect(0, command)) == plain, "\(command) prints times")
      for (words, effect) in options {
        let words = words.map { $0.replacing("model.bottom_hidden_units", with: key) }
        let outcome = try bench.expect(0, command + words)
        switch effect {
        case .printed:
          #expect(
            Self.untimed(outcome) != plain,
            "\(command + words) does what it does without the option")
        case .file(let path):
          #expect(FileManager.default.fileExists(atPath: "\(bench.path)/\(path)"))
        case .same(let wrong):
          try bench.expect(2, command + [words[0], wrong], says: [words[0]])
        }
      }
    }
  }

  /// What is printed, without what differs from one run to the next.
  private static func untimed(_ outcome: Tool.Outcome) -> String {
    (outcome.output + outcome.errors)
      .replacing(#/[0-9][0-9.,]* ?(µs|ms|s|[KMG]iB/s|[kM]? ?rows/s)/#, with: "")
      .replacing(#/[0-9.]+ times as fast/#, with: "")
      .replacing(#/ [0-9]+\.[0-9][0-9]\b/#, with: "")
      .replacing(#/ +/#, with: " ")
  }

  /// An option that means nothing to what is asked for is refused, with those that do.
  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let bench = try Workbench(spec: Self.tasks)
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    let refused: [([String], String)] = [
      (["run", "out/plan.bin", "--predict", "table/test.csv", "--json"], "--json"),
      (["run", "out/plan.bin", "--eval", "table/test.csv", "--output", "x"], "--output"),
      (["run", "out/plan.bin", "--eval", "table/test.csv", "--keep", "a"], "--keep"),
      (["run", "out/plan.bin", "--keep", "a"], "--keep"),
      (["run", "out/plan.bin", "--keep", "a", "--eval", "x"], "--keep"),
      (["compile", "spec.json5", "--list-passes", "--emit", "plan"], "--emit"),
      (["compile", "spec.json5", "-o", "x", "--program", "predict"], "--program"),
      (["data", "convert", "spec.json5", "--rows", "3"], "--rows"),
      (["data", "stats", "spec.json5", "--threads", "1"], "--threads"),
      (["data", "bench", "spec.json5", "--like", "ads"], "--like"),
      (["data", "synth", "x", "--on-error", "skip"], "--on-error"),
    ]
    for (words, name) in refused {
      try bench.expectFailure(2, words, says: [name, "go"])
    }
    for (words, name) in [
      (["--profile", "--listing"], "--listing"), (["--spec", "--json"], "--json"),
      (["--listing", "--json"], "--json"),
    ] {
      try bench.expect(2, ["inspect", "out/plan.bin"] + words, says: [name, "does not go with"])
    }
  }
}
