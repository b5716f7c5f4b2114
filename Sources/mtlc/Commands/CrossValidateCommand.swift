import Experiments

/// `mtlc cross-validate`.
enum CrossValidateCommand: Command {
  static let folds = OptionSpec(
    "--folds", .value("N"), "into how many parts rows are cut (default 5)")
  static let stratify = OptionSpec(
    "--stratify", .value("TASK"), "give each fold the same share of each class of this task")
  static let groupBy = OptionSpec(
    "--group-by", .value("COLUMN"), "keep rows of equal cells in one fold, as those of a user")
  static let time = OptionSpec(
    "--time", .value("COLUMN"),
    "order rows by this column, and predict each fold by a model of the rows before it")
  static let output = OptionSpec.output(
    "FOLDER", "write cross-validation.json into this folder")
  static let seed = OptionSpec("--seed", .value("N"), "short for --set training.seed=N")

  static let spec = CommandSpec(
    name: "cross-validate",
    summary: "measure a model on rows that it was not trained on, fold by fold",
    details: """
      The training rows are cut into folds. Each fold is predicted by a model that is trained on the others, \
      and each metric is shown as the mean of the folds and the deviation of one. Test rows are not read. \
      Rows are read and encoded once; what is learned from labels is learned anew for each fold.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [
      folds, stratify, groupBy, time, output, .set, seed, .onError, .threads, .json, .quiet,
    ],
    examples: [
      .init(
        line: "mtlc cross-validate spec.json5 --stratify click", comment: "five folds"),
      .init(
        line: "mtlc cross-validate spec.json5 --folds 10 --group-by user_id",
        comment: "users that the model does not know"),
      .init(
        line: "mtlc cross-validate spec.json5 --time day -o out",
        comment: "tomorrow predicted from yesterday"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    try OutputFolder.use(arguments[output], isExclusive: true) { try validate(arguments) }
  }

  /// The folds that the options ask for.
  static func rule(_ arguments: Arguments) throws -> FoldRule {
    for option in [stratify, groupBy] where arguments.has(time) && arguments.has(option) {
      throw ExperimentError(.argument, "\(option.name) does not go with \(time.name)")
    }
    return FoldRule(
      count: try arguments.integer(folds, in: 2...FoldRule.mostFolds) ?? 5,
      stratify: arguments[stratify], groupColumn: arguments[groupBy], timeColumn: arguments[time])
  }

  private static func validate(_ arguments: Arguments) throws -> ExitCode {
    let rule = try rule(arguments)
    let overrides =
      try arguments.integer(seed, in: 0...Int.max).map { ["training.seed=\($0)"] } ?? []
    let terminal = TerminalObserver(arguments)
    let result = try arguments.experiment(arguments.operands[0], overrides: overrides)
      .crossValidate(rule, observer: terminal)
    let json = CrossValidationText.json(result)
    if let folder = arguments[output] {
      try OutputFolder.write(json.text, to: "\(folder)/cross-validation.json")
      terminal.note("wrote \(folder)/cross-validation.json")
    }
    try Terminal.result(arguments.has(.json) ? json.text : CrossValidationText.text(result))
    return .success
  }
}
