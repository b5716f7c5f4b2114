import Experiments
import Report
import Schema

/// `mtlc run`.
enum RunCommand: Command {
  static let predict = OptionSpec(
    "--predict", .value("ROWS"), "predict for the rows of a file; - is standard input")
  static let evaluate = OptionSpec(
    "--eval", .repeated("ROWS"), "show the metrics on labelled rows (may be repeated)")
  static let keep = OptionSpec(
    "--keep", .repeated("COLUMN,…"),
    "with --predict: columns to copy to the output (may be repeated)")
  static let weights = OptionSpec(
    "--weights", .value("FILE"),
    "take the parameters from a safetensors file instead of training; with -o alone, write the plan "
      + "with them")
  static let output = OptionSpec.output(
    "FILE", "the trained plan, or with --predict the predictions; - is standard output")

  static let spec = CommandSpec(
    name: "run", summary: "train a plan, or evaluate or predict with a trained one",
    details: """
      Without --eval and --predict: trains from the plan's seed on the files named in its spec, \
      evaluates, and writes the trained plan to FILE. A trained plan holds all it needs: it predicts \
      and evaluates anywhere. The same rows give the same bits; the last digits of a prediction \
      (about 3e-7 of it) depend on how many rows are predicted at once.
      """,
    operands: [.init(name: "PLAN", help: "a plan file; - is standard input")],
    options: [output, predict, keep, evaluate, weights, .onError, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc run plan.bin -o trained.bin", comment: "train as compiled"),
      .init(
        line: "mtlc run trained.bin --predict rows.csv -o out.csv --keep user_id",
        comment: "a row out for each row in, a column for each task"),
      .init(
        line: "cat rows.csv | mtlc run trained.bin --predict - > out.csv",
        comment: "as part of a pipe"),
      .init(line: "mtlc run trained.bin --eval test.csv", comment: "metrics on other rows"),
      .init(
        line: "mtlc run plan.bin --weights w.safetensors --predict rows.csv",
        comment: "with parameters that another program made"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments.has(predict), arguments.has(evaluate) {
      throw ExperimentError(.argument, "--predict and --eval go one at a time")
    }
    let always = [OptionSpec.threads, .quiet]
    let uses: [Arguments.Use] = [
      (predict.name, [predict, keep, output, weights] + always),
      (evaluate.name, [evaluate, .onError, .json, weights] + always),
      (weights.name, [weights, output, .quiet]),
      ("training a plan", [output, .onError, .json] + always),
    ]
    let use = [predict, evaluate, weights].firstIndex { arguments.has($0) } ?? 3
    try arguments.allow(uses[use], others: uses)
    let rows = [predict, evaluate].flatMap { arguments.all($0) }
    if arguments.operands[0] == "-", rows.contains("-") {
      throw ExperimentError(.argument, "standard input cannot be both plan and rows")
    }
    if arguments[weights] == "-", (arguments.operands + rows).contains("-") {
      throw ExperimentError(.argument, "standard input cannot be weights and something else")
    }
    let terminal = TerminalObserver(arguments)
    if let rows = arguments[predict] {
      try predictRows(rows, arguments, terminal)
    } else if arguments.has(evaluate) {
      try evaluatePlan(arguments, terminal)
    } else if arguments.has(weights) {
      try replaceWeights(arguments, terminal)
    } else {
      try train(arguments, terminal)
    }
    return .success
  }

  /// The plan of the command line, with the parameters of `--weights`.
  private static func plan(_ arguments: Arguments) throws -> CompiledPlan {
    let plan = try CompiledPlan(contentsOf: arguments.operands[0])
    guard let path = arguments[weights] else { return plan }
    return try plan.withWeights(contentsOf: path)
  }

  private static func replaceWeights(_ arguments: Arguments, _ terminal: TerminalObserver) throws {
    guard let path = arguments[output] else {
      throw ExperimentError(
        .argument, "nothing to do with the weights",
        hint: "-o FILE writes the plan with them, --predict and --eval use them")
    }
    try OutputFolder.requireWritable(path)
    let bytes = try plan(arguments).write(to: path)
    terminal.note("wrote \(path) (\(Format.bytes(bytes)))")
  }

  private static func predictRows(
    _ rows: String, _ arguments: Arguments, _ terminal: TerminalObserver
  ) throws {
    let path = arguments[output] ?? "-"
    try OutputFolder.requireWritable(path)
    let threads = try arguments.threads()
    let predictor = try Predictor(plan(arguments), threads: threads)
    try predictor.predict(file: rows, keep: arguments.all(keep), to: path, observer: terminal)
  }

  private static func evaluatePlan(_ arguments: Arguments, _ terminal: TerminalObserver) throws {
    let plan = try plan(arguments)
    let report = try plan.evaluate(
      arguments.all(evaluate), threads: try arguments.threads(),
      skipsDamagedRecords: try arguments.skipsDamagedRecords(), observer: terminal)
    if arguments.has(.json) {
      try Terminal.result(report.json(on: "given").text)
    } else if let episodes = report.episodes {
      try Terminal.result("\(plan.plan.name)\n\(EpisodeText.text(report, episodes, on: .test))")
    } else {
      try Terminal.result(MetricsReport.text(report, on: "given"))
    }
  }

  private static func train(_ arguments: Arguments, _ terminal: TerminalObserver) throws {
    let path = arguments[output]
    if let path { try OutputFolder.requireWritable(path) }
    if path == "-", arguments.has(.json) {
      throw ExperimentError(.argument, "-o - leaves no room for --json")
    }
    let plan = try CompiledPlan(contentsOf: arguments.operands[0])
    let run = try plan.train(
      threads: try arguments.threads(),
      skipsDamagedRecords: try arguments.skipsDamagedRecords(), observer: terminal)
    if let path {
      try run.plan.write(to: path)
      terminal.note("wrote \(path)")
      if path == "-" { return }
    }
    let summary = TrainingSummary(run: run)
    try Terminal.result(arguments.has(.json) ? summary.json.text : summary.text)
  }
}
