import Experiments
import Foundation
import Schema
import Testing

/// Searching for hyperparameters.
@Suite struct TuneTests {
  private let bench: Bench

  private static let spec = """
    {
      name: "small",
      data: { train: "train.csv", validation: "held.csv", test: "no-such-file.csv" },
      features: [
        { columns: ["city", "device"], type: "id", embedding_dim: 4 },
        { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
      ],
      tasks: [{ name: "click" }, { name: "purchase" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
      training: { batch_size: 64, epochs: 3, optimizer: { type: "adam", learning_rate: 0.01 } },
      search: {
        "training.optimizer.learning_rate": { log: [1e-3, 1e-1] },
        "model.type": ["mmoe", "shared_bottom"],
        "model.num_experts": { int: [1, 3] },
        "features[0].embedding_dim": [2, 3],
        "model.dropout": { uniform: [0, 0.5] },
      },
    }
    """

  init() throws {
    bench = try Bench()
    try bench.sample(rows: 300)
    _ = try bench.write(bench.text("test.csv"), to: "held.csv")
    _ = try bench.write(Self.spec, to: "spec.json5")
  }

  private func tune(
    _ folder: String, trials: Int = 5, resumes: Bool = false, threads: Int = 2,
    overrides: [String: String] = [:], folds: FoldRule? = nil,
    observer: any Observer = .silent
  ) throws -> Tuning {
    var experiment = try Experiment(contentsOf: "\(bench.path)/spec.json5", overrides: overrides)
    experiment.threads = threads
    try OutputFolder.make("\(bench.path)/\(folder)")
    return try experiment.tune(
      TuningRequest(budget: .trials(trials), folds: folds, resumes: resumes),
      in: "\(bench.path)/\(folder)",
      observer: observer)
  }

  private func withoutTimes(_ results: [TrialResult]) -> [TrialResult] {
    results.map { result in
      var result = result
      result.seconds = 0
      return result
    }
  }

  @Test func threadsAndAKillChangeNothing() throws {
    let whole = try tune("whole", threads: 1)
    let several = try tune("several", threads: 3)
    #expect(withoutTimes(whole.results) == withoutTimes(several.results))
    #expect(whole.bestSpec == several.bestSpec && whole.best == several.best)
    #expect(Set(whole.results.map(\.trial)) == [1, 2, 3, 4, 5])
    #expect(whole.results.contains { $0.epochs == 3 })
    // A journal that breaks off anywhere, in the middle of a line as well.
    let journal = Array(try bench.text("whole/journal.jsonl").utf8)
    for share in [0.2, 0.5, 0.8, 0.97] {
      try OutputFolder.make("\(bench.path)/killed")
      let end = Int(share * Double(journal.count))
      _ = try bench.write(
        String(decoding: journal[..<end], as: UTF8.self), to: "killed/journal.jsonl")
      let resumed = try tune("killed", resumes: true)
      #expect(withoutTimes(resumed.results) == withoutTimes(whole.results))
      #expect(resumed.bestSpec == whole.bestSpec)
    }
    // More trials go on with the same ones.
    let more = try tune("whole", trials: 7, resumes: true)
    #expect(withoutTimes(more.results) == withoutTimes(try tune("more", trials: 7).results))
  }

  @Test func theBestSpecGivesTheBestMetrics() throws {
    let tuning = try tune("out", trials: 4)
    let types = Set(tuning.results.flatMap { $0.settings.filter { $0.key == "model.type" } })
    #expect(types.count == 2)
    let best = tuning.results[tuning.best]
    let path = try bench.write(tuning.bestSpec, to: "elsewhere.json5")
    #expect(
      !tuning.bestSpec.contains("search:") && tuning.bestSpec.contains("\(bench.path)/train.csv"))
    let run = try Experiment(contentsOf: path, assignments: ["data.test=null"]).train()
    for task in ["click", "purchase"] {
      #expect(run.metrics[task]?.auc == best[task]?["auc"])
    }
    #expect(run.training.epochs.count == best.epochs)
    #expect(tuning.scores[tuning.best] == tuning.scores.min())
    #expect(tuning.front.contains(tuning.best))
    // Keys of a type that was not drawn are left away.
    for result in tuning.results {
      let settings = Dictionary(uniqueKeysWithValues: result.settings.map { ($0.key, $0.value) })
      let isMixture = settings["model.type"] == "\"mmoe\""
      #expect((settings["model.num_experts"] != nil) == isMixture && result.failure == nil)
      #expect(settings.count == (isMixture ? 5 : 4))
    }
  }

  /// A search over folds measures what cross-validation of its best spec does.
  @Test func foldsMeasureAsCrossValidationDoes() throws {
    let rule = FoldRule(count: 3, stratify: "click")
    let tuning = try tune("out", trials: 3, folds: rule)
    #expect(tuning.measured == "the mean of 3 folds")
    #expect(tuning.bestSpec.contains("// Mean of the folds: click AUC 0."))
    let best = try Experiment(contentsOf: bench.write(tuning.bestSpec, to: "best.json5"))
    let crossed = try best.crossValidate(rule)
    for task in ["click", "purchase"] {
      let mean = crossed.summaries(task).first { $0.metric == .auc }?.mean
      #expect(mean != nil && mean == tuning.results[tuning.best][task]?["auc"])
    }
    // Another rule is another search, which is not gone on with.
    let error = #expect(throws: ExperimentError.self) {
      try tune("out", trials: 3, resumes: true, folds: FoldRule(count: 3))
    }
    #expect(error?.message.contains("another spec, seed or data") == true)
  }

  @Test func theUsualKeysAreSearchedWhereTheSpecNamesNone() throws {
    let recorder = Recorder()
    let tuning = try tune(
      "usual", trials: 2,
      overrides: ["search": "null", "data.validation": "null", "data.test": "null"],
      observer: recorder)
    let keys = try #require(tuning.results.first { $0.trial == 2 }).settings.map(\.key)
    for key in ["model.type", "training.optimizer.learning_rate", "training.l2"] {
      #expect(keys.contains(key), "\(keys)")
    }
    // The first trial is the spec as it stands.
    let first = tuning.results.filter { $0.trial == 1 }
    #expect(first.map(\.epochs) == [1, 3])
    for result in first {
      let settings = Dictionary(uniqueKeysWithValues: result.settings.map { ($0.key, $0.value) })
      #expect(settings["model.type"] == "\"mmoe\"" && settings["model.num_experts"] == "2")
      #expect(settings["training.optimizer.learning_rate"] == "0.01")
      #expect(settings["training.l2"] == nil)
    }
    let notes = recorder.events.compactMap { if case .note(let text) = $0 { text } else { nil } }
    #expect(notes.contains { $0.contains("15.0 % of the training rows") })
    // What was held back for the search alone is trained on again.
    #expect(!tuning.bestSpec.contains("validation_fraction"))
    _ = try Experiment(contentsOf: bench.write(tuning.bestSpec, to: "best.json5"))
  }

  @Test func anotherSearchIsNotGoneOnWith() throws {
    _ = try tune("out", trials: 1)
    for (overrides, resumes, words) in [
      ([:], false, "there is a search in this folder"),
      (["training.epochs": "2"], true, "is that of another spec, seed or data"),
    ] as [([String: String], Bool, String)] {
      let error = #expect(throws: ExperimentError.self) {
        try tune("out", trials: 1, resumes: resumes, overrides: overrides)
      }
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
    let error = #expect(throws: ExperimentError.self) { try tune("empty", resumes: true) }
    #expect(error?.message.contains("no search to go on with") == true)
    let lines = try bench.text("out/journal.jsonl").split(separator: "\n")
    for damaged in [
      "{", "[1]", #"{"trial":0,"epochs":1}"#, #"{"trial":1e30,"epochs":1,"tasks":{}}"#,
    ] {
      _ = try bench.write("\(lines[0])\n\(damaged)\n", to: "out/journal.jsonl")
      let error = #expect(throws: ExperimentError.self) { try tune("out", resumes: true) }
      #expect(error?.kind == .plan && error?.message.contains("journal.jsonl:2") == true)
    }
  }

  @Test func trialsThatFailAreKeptAndAllOfThemAnError() throws {
    let error = #expect(throws: ExperimentError.self) {
      try tune(
        "out", trials: 3,
        overrides: [
          "search":
            "{ 'training.optimizer.learning_rate': [1e38], 'training.optimizer.type': ['sgd'] }"
        ])
    }
    #expect(error?.message.contains("none of 3 trials came to an end; the first: ") == true)
  }

  @Test(arguments: [
    ("{}", "names no key"), ("[1]", "an object from keys"), ("{ 'a..b': [1] }", "not a key path"),
    ("{ 'training.batch_size': [] }", "has no value"),
    ("{ 'training.batch_size': 3 }", "a list of values"),
    ("{ 'training.batch_size': { int: [4] } }", "a list of two numbers"),
    ("{ 'training.batch_size': { int: [4, 4] } }", "must be less"),
    ("{ 'training.l2': { log: [0, 1] } }", "greater than 0"),
    ("{ 'training.l2': { lgo: [1e-3, 1] } }", "did you mean \"log\"?"),
    ("{ 'training.l2': { uniform: [-1e308, 1e308] } }", "less far apart"),
    ("{ 'training.l2': { uniform: [0, 1], log: [1e-3, 1] } }", "needs one of"),
    ("{ 'training.batch_siz': [64] }", "did you mean \"batch_size\"?"),
    ("{ 'training.batch_size': { int: [0, 64] } }", "an integer from 1"),
    ("{ 'training.batch_size': { uniform: [2, 64.5] } }", "an integer from 1"),
    ("{ 'model.num_levels': [1] }", "belongs to \"ple\""),
    ("{ 'model.type': ['mmoe', 'plee'] }", "did you mean \"ple\"?"),
    ("{ 'model.type': ['mmoe'], 'model.num_levels': [1] }", "belongs to \"ple\""),
    ("{ 'features[9].embedding_dim': [1] }", "beyond the list"),
    ("{ 'training.epochs': [1, 2] }", "the most that a trial is given"),
    ("{ 'training.seed': [1, 2] }", "the seed cannot be searched"),
    ("{ 'data.train': ['a'] }", "cannot be searched"),
    ("{ 'tasks[0].label': ['device'] }", "label"),
  ])
  func aSpaceThatCannotBeIsRefused(space: String, words: String) throws {
    let error = #expect(throws: ExperimentError.self) {
      try tune("out", overrides: ["search": space])
    }
    #expect(error?.kind == .spec, "\(space)")
    #expect(error?.description.contains(words) == true, "\(space): \(error?.description ?? "")")
    #expect(error?.description.split(separator: "\n").count == 1, "\(error?.description ?? "")")
  }

  @Test func aTimeTooShortIsSaid() throws {
    try OutputFolder.make("\(bench.path)/short")
    let error = #expect(throws: ExperimentError.self) {
      try Experiment(contentsOf: "\(bench.path)/spec.json5").tune(
        TuningRequest(budget: .seconds(1e-4)), in: "\(bench.path)/short")
    }
    #expect(error?.message.contains("no trial was done in the time") == true)
    #expect(!OutputFolder.hasFile("\(bench.path)/short/journal.jsonl"))
  }

  @Test func timesAreReadWithTheirUnit() {
    typealias Budget = TuningRequest.Budget
    #expect(Budget(duration: "90s") == .seconds(90) && Budget(duration: "5m") == .seconds(300))
    #expect(Budget(duration: "1.5h") == .seconds(5400) && Budget(duration: "7") == .seconds(7))
    for text in ["", "m", "5 m", "-1s", "0s", "1d", "nan", "infm", "1e9", "1.2.3s", "9999999h"] {
      #expect(Budget(duration: text) == nil, "\(text)")
    }
  }
}
