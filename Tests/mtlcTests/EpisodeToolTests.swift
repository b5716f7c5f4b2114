import Foundation
import Plan
import Testing

/// Learning from tasks, by the real binary.
@Suite struct EpisodeToolTests {
  private static let images = """
    {
      name: "small-maml",
      data: { train: "train.npy", test: "test.npy" },
      model: { type: "maml", network: "mlp", hidden_units: [8], ways: 2, shots: 1, queries: 2, inner_steps: 1, order: 2 },
      training: { meta_steps: 6, meta_batch_size: 3, eval_episodes: 5 },
    }
    """

  private static let rows = """
    {
      name: "groups-maml",
      data: { train: "rows/train.csv", test: "rows/test.csv", generate: "cold_start" },
      features: [
        { name: "category", type: "id", embedding_dim: 2 },
        { columns: ["price", "novelty"], type: "numeric" },
      ],
      tasks: [{ name: "click" }],
      model: { type: "maml", group: "user_id", support_rows: 4, query_rows: 6, base: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] }, inner_steps: 2 },
      training: { meta_steps: 5, meta_batch_size: 3 },
    }
    """

  private func array(_ shape: [Int]) -> [UInt8] {
    let header =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (\(shape.map(String.init).joined(separator: ", "))), }\n"
    let count = shape.reduce(1, *)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 5 * 11) }
  }

  private func bench() throws -> Workbench {
    let bench = try Workbench(empty: ())
    try bench.write(array([4, 5, 4, 4]), to: "train.npy")
    try bench.write(array([3, 5, 4, 4]), to: "test.npy")
    try bench.write(Self.images, to: "spec.json5")
    try bench.write(Self.rows, to: "rows.json5")
    return bench
  }

  @Test func trainsRunsAndEvaluates() throws {
    let bench = try bench()
    let trained = try bench.expect(0, ["train", "spec.json5", "-o", "a", "--threads", "1"])
    #expect(trained.output.contains("test accuracy"))
    try bench.expect(0, ["train", "spec.json5", "-o", "b", "--threads", "2"])
    #expect(try bench.bytes("a/plan.bin") == bench.bytes("b/plan.bin"))
    #expect(try bench.text("a/metrics.json") == bench.text("b/metrics.json"))
    // compile and run give what train gives.
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["run", "plan.bin", "-o", "trained.bin"])
    #expect(try bench.bytes("trained.bin") == bench.bytes("a/plan.bin"))
    let evaluated = try bench.expect(0, ["run", "trained.bin", "--eval", "test.npy", "--json"])
    #expect(evaluated.output.contains("accuracy_margin"))
    let eager = try bench.expect(0, ["train", "spec.json5", "--mode", "eager"])
    #expect(eager.output.contains("eager mode: 6 meta steps"))
    try bench.expect(0, ["inspect", "trained.bin"])
    try bench.expectFailure(
      6, ["run", "trained.bin", "--predict", "test.npy"], says: ["without a task", "--eval"])
  }

  @Test func modesAgree() throws {
    let bench = try bench()
    for spec in ["spec.json5", "rows.json5"] {
      let compared = try bench.expect(0, ["compare", spec, "--steps", "3"])
      #expect(compared.output.contains("the modes agree"))
    }
  }

  @Test func adaptsToGroups() throws {
    let bench = try bench()
    let trained = try bench.expect(0, ["train", "rows.json5", "-o", "out"])
    for words in ["before adaptation", "best*", "click", "500 test groups"] {
      #expect(trained.output.contains(words))
    }
    let evaluated = try bench.expect(0, ["run", "out/plan.bin", "--eval", "rows/test.csv"])
    #expect(evaluated.output.contains("3,000"))
  }

  /// Every option of a command holds here too.
  @Test func namesOfPassesAreChecked() throws {
    let bench = try bench()
    for spec in ["spec.json5", "rows.json5"] {
      try bench.expectFailure(
        2, ["compile", spec, "--disable", "fuse_lineer", "-o", "plan.bin"],
        says: ["fuse_lineer", "did you mean \"fuse_linear\""])
      try bench.expectFailure(
        2, ["compile", spec, "--disable", "differentiate", "-o", "plan.bin"],
        says: ["differentiate", "must run"])
      try bench.expect(0, ["compile", spec, "--disable", "fuse_linear", "-o", "plan.bin"])
    }
  }

  @Test func badInput() throws {
    let bench = try bench()
    func fails(_ code: Int32, _ change: String, _ words: [String], spec: String = "spec.json5")
      throws
    {
      try bench.expectFailure(code, ["train", spec, "--set", change], says: words)
    }
    try fails(4, "model.ways=20", ["there are 3 classes", "takes 20", "model.ways"])
    try fails(4, "model.shots=4", ["5 examples of each class", "model.shots"])
    try fails(4, "data.train=absent.npy", ["absent.npy", "no such file"])
    try fails(4, "data.train=spec.json5", ["is not a .npy file"])
    try fails(4, "model={type:\"maml\",network:\"conv4\",ways:2,queries:2}", ["4×4", "too small"])
    try fails(3, "model.order=3", ["model.order", "from 1 to 2"])
    try fails(3, "model.inner_step=3", ["model.inner_step", "did you mean \"inner_steps\""])
    try fails(3, "model.channels=4", ["goes only with the network \"conv4\""])
    try bench.write(array([4, 5, 16]), to: "flat.npy")
    try fails(4, "data.train=flat.npy", ["flat.npy", "(4, 5, 16)", "(class, example"])
    try bench.write(Array(array([4, 5, 4, 4]).dropLast(3)), to: "cut.npy")
    try fails(4, "data.train=cut.npy", ["cut.npy", "truncated"])
    try fails(4, "data.test=flat.npy", ["flat.npy"])
    try bench.expect(0, ["train", "rows.json5"])
    try fails(4, "model.group=nobody", ["\"nobody\"", "model.group"], spec: "rows.json5")
    try fails(4, "model.support_rows=40", ["none of the 500 groups"], spec: "rows.json5")
    try fails(3, "training.epochs=3", ["training.epochs", "learns from episodes"])
    try fails(3, "data.header=false", ["data.header", "episodes of images"])
    try fails(
      3, "training.early_stopping={metric:\"accuracy\"}", ["data.validation", "eval_every"])
  }

  /// What the commands do with rows they do with episodes.
  @Test func everyCommandTakesEpisodes() throws {
    let bench = try bench()
    let images = try bench.expect(0, ["check", "spec.json5"])
    #expect(images.output.contains("4 classes of 5 images of 4×4"))
    #expect(images.output.contains("6 meta steps"))
    let rows = try bench.expect(0, ["check", "rows.json5"], says: ["click", "5 meta steps"])
    #expect(!rows.output.contains("finding: feature model.group"))
    try bench.expect(0, ["data", "stats", "rows.json5"], says: ["category", "novelty"])
    try bench.expect(0, ["data", "head", "rows.json5", "--rows", "2"], says: ["price"])
    try bench.expectFailure(
      3, ["data", "stats", "spec.json5"], says: ["learns from images", "mtlc check"])
    for spec in ["spec.json5", "rows.json5"] {
      let explained = try bench.expect(0, ["explain", spec])
      #expect(explained.output.contains("differentiate"))
      for more in [[], ["--predict"], ["--profile"]] {
        let timed = try bench.expect(0, ["bench", spec, "--seconds", "1"] + more)
        #expect(timed.output.contains("µs/step"))
      }
      try bench.expectFailure(
        2, ["bench", spec, "--batch", "32"], says: ["batch sizes", "episodes"])
      try bench.expect(0, ["compile", spec, "-o", "plan.bin"])
      try bench.expect(0, ["inspect", "plan.bin", "--profile"], says: ["gradients"])
      let printed = try bench.expect(
        0, ["compile", spec, "--stop-after", "differentiate", "--print-after", "cse"])
      #expect(printed.output.contains("# after cse"))
      #expect(printed.output.contains("gradient."))
    }
    // A spec from standard input trains to the same bits.
    try bench.expect(0, ["train", "spec.json5", "-o", "a"])
    try bench.expect(0, ["train", "-", "-o", "b"], input: Self.images)
    #expect(try bench.text("a/metrics.json") == bench.text("b/metrics.json"))
  }

  /// A run that is stopped goes on as if it had not been.
  @Test func goesOnFromACheckpoint() throws {
    let bench = try bench()
    let more = [
      "--set", "training.learning_rate_schedule={type:'exponential',period_steps:3}", "--set",
      "training.gradient_clip_norm=0.5", "--set", "training.eval_every=1000",
    ]
    let train = ["train", "spec.json5", "--set", "training.meta_steps=40000"] + more + ["-o"]
    try bench.expect(0, train + ["whole"])
    try bench.interrupt(train + ["out"])
    try bench.expectFailure(
      6, train + ["out", "--resume", "--set", "model.ways=3"], says: ["another spec"])
    try bench.expect(0, train + ["out", "--resume"])
    #expect(try bench.bytes("out/plan.bin") == bench.bytes("whole/plan.bin"))
  }

  @Test func stopsEarly() throws {
    let bench = try bench()
    let stopped = try bench.expect(
      0,
      [
        "train", "spec.json5", "-o", "a", "--set", "data.validation=test.npy", "--set",
        "training.eval_every=1", "--set",
        "training.early_stopping={metric:'loss',mode:'max',patience:1}",
      ])
    #expect(stopped.output.contains("the best by loss"))
    #expect(try bench.text("a/metrics.json").contains("\"validation\""))
  }
}
