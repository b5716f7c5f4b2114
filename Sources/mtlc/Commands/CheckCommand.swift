import Experiments

/// `mtlc check`.
enum CheckCommand: Command {
  static let rows = OptionSpec("--rows", .value("N"), "look at the first N training rows only")

  static let spec = CommandSpec(
    name: "check",
    summary: "check spec and data before a long run: types, leakage, base rates, sizes",
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [rows, .onError, .set, .json, .quiet],
    examples: [
      .init(line: "mtlc check spec.json5", comment: "all of the data"),
      .init(line: "mtlc check spec.json5 --rows 100000", comment: "a quick look"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let limit = try arguments.integer(rows, in: 1...Int.max)
    let report = try arguments.experiment(arguments.operands[0])
      .checkReport(rowLimit: limit, observer: TerminalObserver(arguments))
    try Terminal.result(
      arguments.has(.json) ? CheckText.json(report).text : CheckText.text(report))
    return .success
  }
}
