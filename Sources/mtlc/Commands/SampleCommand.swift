import Experiments
import Schema

/// `mtlc sample`.
enum SampleCommand: Command {
  static let kind = OptionSpec(
    "--like", .value("KIND"), of: SampleData.Kind.self,
    "ads (the default), funnel, mmoe, census or ali-ccp")
  static let correlation = OptionSpec(
    "--correlation", .value("P"), "how alike the tasks of mmoe are, 0 to 1 (default 1)")
  static let rows = OptionSpec(
    "--rows", .value("N"),
    "rows of the training file (default 100000, 200000, 50000, 200000, 1000000)")
  static let testRows = OptionSpec(
    "--test-rows", .value("N"),
    "rows of the test file (default 10000, 50000, 10000, 100000, 100000)")
  static let seed = OptionSpec("--seed", .value("N"), "another sample than the usual one")

  static let spec = CommandSpec(
    name: "sample", summary: "write the project's own sample data, with the best possible AUC",
    details: """
      ads: an advertising log with the labels click and purchase. funnel: a bank's funnel of four \
      steps, click, apply, credit and activate. Their true probabilities are known, so the best AUC \
      that any model can reach on the test file is known as well. mmoe (or regression): the two \
      tasks of the MMoE paper over 100 numbers, as alike as --correlation says, with the least mean \
      squared error. census: a survey in the form of Census-Income, 42 columns without a header. \
      ali-ccp: a log of the size and shape of Ali-CCP, 23 fields of up to three of 737,945 ids, with \
      click and purchase. The same seed gives the same bytes everywhere.
      """,
    operands: [.init(name: "FOLDER", help: "where train.csv and test.csv go")],
    options: [kind, correlation, rows, testRows, seed, .json],
    examples: [
      .init(line: "mtlc sample examples/sample", comment: "what the example specs train on"),
      .init(line: "mtlc sample big --rows 1000000", comment: "a larger training file"),
      .init(
        line: "mtlc sample tasks --like mmoe --correlation 0.5",
        comment: "loosely related tasks"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    try generate(arguments, folder: arguments.operands[0])
  }

  /// Writes the files into the folder, as the options say. Throws `FileError`.
  static func generate(_ arguments: Arguments, folder: String) throws -> ExitCode {
    try OutputFolder.use(folder) { try write(arguments, folder) }
  }

  private static func write(_ arguments: Arguments, _ folder: String) throws -> ExitCode {
    let limit = 1...100_000_000
    let trainRows = try arguments.integer(rows, in: limit)
    let testCount = try arguments.integer(testRows, in: limit)
    let kind = try arguments.choice(Self.kind, SampleData.Kind.self) ?? .ads
    let correlation = try readCorrelation(arguments, kind)
    let seed = try arguments.integer(seed, in: 0...Int.max).map { UInt64($0) }
    let (train, test) = ("\(folder)/train.csv", "\(folder)/test.csv")
    let (best, fit) = try SampleData.write(
      kind, train: train, test: test, trainRows: trainRows, testRows: testCount, seed: seed,
      correlation: correlation)
    if arguments.has(.json) {
      let tasks = best.map { entry -> (String, JSON) in
        (entry.task, ["best_auc": entry.auc, "base_rate": entry.baseRate])
      }
      let fits = fit.map { entry -> (String, JSON) in
        (entry.task, ["best_mse": entry.mse, "best_r2": entry.r2])
      }
      let report: JSON = ["train": train, "test": test, "tasks": JSON.object(tasks + fits)]
      try Terminal.result(report.text)
      return .success
    }
    let table =
      best.isEmpty
      ? Table(["task", "least MSE", "best R2"], fit) {
        [$0.task, Format.fixed($0.mse, 5), Format.fixed($0.r2, 4)]
      }
      : Table(["task", "best AUC", "base rate"], best) {
        [$0.task, Format.fixed($0.auc, 4), Format.fixed($0.baseRate, 4)]
      }
    try Terminal.result("wrote \(train) and \(test)\n\n\(table.text)")
    return .success
  }

  private static func readCorrelation(
    _ arguments: Arguments, _ kind: SampleData.Kind
  ) throws -> Double {
    guard let text = arguments[correlation] else { return 1 }
    guard kind == .regression || kind == .mmoe else {
      throw ExperimentError(.argument, "--correlation goes with --like mmoe only")
    }
    guard let value = Double(text), (0...1).contains(value) else {
      throw ExperimentError(.argument, "--correlation \(text): a number from 0 to 1 is needed")
    }
    return value
  }
}
