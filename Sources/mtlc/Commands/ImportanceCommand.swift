import Experiments
import Report
import Schema

/// `mtlc importance`.
enum ImportanceCommand: Command {
  static let rows = OptionSpec(
    "--rows", .repeated("ROWS"), "labelled rows, such as the test file (may be repeated)")
  static let together = OptionSpec(
    "--together", .repeated("NAME,NAME"),
    "features that say the same, to be dealt out with each other (may be repeated)")
  static let repetitions = OptionSpec(
    "--repeat", .value("N"), "orders that are drawn for each feature (default 5)")
  static let seed = OptionSpec("--seed", .value("N"), "other orders than the usual ones")

  static let spec = CommandSpec(
    name: "importance", summary: "tell which features a trained plan goes by",
    details: """
      For each feature its values are dealt out to the rows at random, and the metric of each task is \
      measured again: AUC, accuracy or RMSE. The table shows how much worse it became, a mean over the \
      orders with half of its 95 % confidence interval. Features that repeat each other look unimportant \
      alone: name them with --together.
      """,
    operands: [.init(name: "PLAN", help: "a trained plan; - is standard input")],
    options: [rows, together, repetitions, seed, .onError, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc importance out/plan.bin --rows test.csv", comment: "every feature"),
      .init(
        line: "mtlc importance out/plan.bin --rows test.csv --together city,region --json",
        comment: "two as one, for a machine"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let files = arguments.all(rows)
    guard !files.isEmpty else {
      throw ExperimentError(.argument, "--rows ROWS is missing", hint: "the test file, for example")
    }
    let count = try arguments.integer(repetitions, in: 1...1000) ?? 5
    let seed = try arguments.integer(seed, in: 0...Int.max) ?? 1
    let groups = arguments.all(together).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let observer = TerminalObserver(arguments)
    let predictor = try Predictor(
      contentsOf: arguments.operands[0], threads: try arguments.threads())
    let report = try predictor.importance(
      files, together: groups, repetitions: count, seed: UInt64(seed),
      skipsDamagedRecords: try arguments.skipsDamagedRecords(), observer: observer)
    try Terminal.result(
      arguments.has(.json) ? report.json.text : ImportanceText.text(report))
    return .success
  }
}
