/// `mtlc sample`.
enum SampleCommand: Command {
  static let rows = OptionSpec("--rows", .value("N"), "rows of the training file (default 100000)")
  static let testRows = OptionSpec(
    "--test-rows", .value("N"), "rows of the test file (default 10000)")
  static let seed = OptionSpec("--seed", .value("N"), "another sample than the usual one")

  static let spec = CommandSpec(
    name: "sample", summary: "write the project's own sample data, with the best possible AUC",
    details: """
      An advertising log with the labels click and purchase. Its true probabilities are known, so \
      the best AUC that any model can reach on the test file is known as well. The same seed gives \
      the same bytes everywhere.
      """,
    operands: [.init(name: "FOLDER", help: "where train.csv and test.csv go")],
    options: [rows, testRows, seed, .json],
    examples: [
      .init(line: "mtlc sample examples/sample", comment: "what the example specs train on"),
      .init(line: "mtlc sample big --rows 1000000", comment: "a larger training file"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let limit = 1...100_000_000
    let trainRows = try arguments.integer(rows, in: limit) ?? 100_000
    let testCount = try arguments.integer(testRows, in: limit) ?? 10_000
    let seed = try arguments.integer(seed, in: 0...Int.max).map { UInt64($0) }
    let folder = arguments.operands[0]
    try OutputFolder.make(folder)
    let (train, test) = ("\(folder)/train.csv", "\(folder)/test.csv")
    let best = try SampleData.write(
      train: train, test: test, trainRows: trainRows, testRows: testCount, seed: seed)
    if arguments.has(.json) {
      let tasks = best.map { entry in
        (
          entry.task,
          JSON.object([
            ("best_auc", .number(entry.auc)), ("base_rate", .number(entry.baseRate)),
          ])
        )
      }
      try Terminal.result(
        JSON.object([
          ("train", .string(train)), ("test", .string(test)), ("tasks", .object(tasks)),
        ]).text)
    } else {
      var table = Table(["task", "best AUC", "base rate"])
      for entry in best {
        table.rows.append([
          entry.task, Format.fixed(entry.auc, 4), Format.fixed(entry.baseRate, 4),
        ])
      }
      try Terminal.result("wrote \(train) and \(test)\n\n\(table.text)")
    }
    return .success
  }
}
