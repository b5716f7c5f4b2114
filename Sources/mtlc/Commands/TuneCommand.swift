import Experiments

/// `mtlc tune`.
enum TuneCommand: Command {
  static let budget = OptionSpec(
    "--budget", .value("TIME"), "how long to search: 90s, 5m, 1h; what was resumed counts too")
  static let trials = OptionSpec(
    "--trials", .value("N"), "how many settings to try (default 30)")
  static let seed = OptionSpec("--seed", .value("N"), "which settings are tried (default 1)")
  static let metric = OptionSpec(
    "--metric", .value("METRIC"),
    "what is best: TASK.METRIC, or METRIC for its mean over the tasks; default: the mean over the tasks "
      + "of the rank among all trials")
  static let folds = OptionSpec(
    "--folds", .value("N"),
    "measure settings by the mean over so many folds of the training rows, in place of validation rows"
  )
  static let resume = OptionSpec(
    "--resume", .flag, "go on with the search in FOLDER, however it ended")
  static let output = OptionSpec.output(
    "FOLDER", "write best.json5, trials.json, search.html and journal.jsonl into this folder")

  static let spec = CommandSpec(
    name: "tune", summary: "search for the settings of a spec that predict best",
    details: """
      Settings are drawn from the section search of the spec, or from the usual keys where it has none. All \
      begin with few epochs; the best third goes on with three times as many, up to training.epochs. \
      Validation rows decide: those of the spec, or 15 % of the training rows; or folds, cut as those of \
      mtlc cross-validate. Test rows are not read. \
      best.json5 is the spec with the best settings. With --trials the result depends on the spec, the data \
      and the seed alone; after Ctrl-C, a kill or a loss of power --resume goes on as if nothing had happened.
      """,
    operands: [.init(name: "SPEC", help: "the spec file")],
    options: [
      output, budget, trials, metric, folds, CrossValidateCommand.stratify,
      CrossValidateCommand.groupBy, CrossValidateCommand.time, seed, resume, .set, .onError,
      .threads, .json, .quiet,
    ],
    examples: [
      .init(line: "mtlc tune spec.json5 --budget 5m -o out", comment: "the best of five minutes"),
      .init(
        line: "mtlc tune spec.json5 --trials 60 --metric click.auc -o out",
        comment: "for one task, the same at each run"),
      .init(
        line: "mtlc train out/best.json5 -o model", comment: "then train the best on its own"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let folder = arguments[output] else {
      throw ExperimentError(.argument, "-o FOLDER is missing", hint: "results are kept there")
    }
    return try OutputFolder.use(folder, isExclusive: true) { try tune(arguments, folder) }
  }

  private static func tune(_ arguments: Arguments, _ folder: String) throws -> ExitCode {
    let request = TuningRequest(
      budget: try budget(arguments),
      seed: UInt64(try arguments.integer(seed, in: 0...Int.max) ?? 1),
      metric: arguments[metric], folds: try foldRule(arguments), resumes: arguments.has(resume))
    let terminal = TerminalObserver(arguments, listensToSignals: true)
    let experiment = try arguments.experiment(arguments.operands[0])
    // Each result is kept at once, so that a first signal may end the search in good order.
    StopSignal.listen()
    let result = try experiment.tune(request, in: folder, observer: terminal)
    let json = TuningText.json(result)
    try OutputFolder.write(result.bestSpec, to: "\(folder)/best.json5")
    try OutputFolder.write(json.text, to: "\(folder)/trials.json")
    try OutputFolder.write(result.page, to: "\(folder)/search.html")
    terminal.note("wrote best.json5, trials.json and search.html to \(folder)")
    try Terminal.result(arguments.has(.json) ? json.text : TuningText.text(result))
    return .success
  }

  /// Nil where no option asks for folds.
  private static func foldRule(_ arguments: Arguments) throws -> FoldRule? {
    let options = [
      folds, CrossValidateCommand.stratify, CrossValidateCommand.groupBy,
      CrossValidateCommand.time,
    ]
    return options.contains { arguments.has($0) }
      ? try CrossValidateCommand.rule(arguments) : nil
  }

  private static func budget(_ arguments: Arguments) throws -> TuningRequest.Budget {
    let count = try arguments.integer(trials, in: 1...1_000_000)
    guard let text = arguments[budget] else { return .trials(count ?? 30) }
    guard count == nil else {
      throw ExperimentError(.argument, "\(trials.name) does not go with \(budget.name)")
    }
    guard let time = TuningRequest.Budget(duration: text) else {
      throw ExperimentError(
        .argument, "\(budget.name) \(text): expected a time, as 90s, 5m or 1h")
    }
    return time
  }
}
