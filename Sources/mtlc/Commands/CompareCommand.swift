import Experiments

/// `mtlc compare`.
enum CompareCommand: Command {
  static let steps = OptionSpec(
    "--steps", .value("N"), "training steps to compare (default 20; 2 meta steps on episodes)")
  static let tolerance = OptionSpec(
    "--tolerance", .value("X"), "largest relative difference allowed (default 1e-4)")

  static let spec = CommandSpec(
    name: "compare", summary: "run a spec eagerly and compiled, side by side, and compare",
    details: """
      Both modes start from the same weights and train on the same batches. Shown is the largest \
      relative difference of every loss and gradient over all steps, and of every parameter after \
      the last: max |eager − static| over the largest magnitude that the tensor has in those steps. \
      Rows at which some derivative jumps within rounding, as that of relu does at 0, are replaced \
      by others and counted. Where a gradient is nothing but rounding, of which Adam makes a whole \
      step, both modes go on from the same value, counted too. Products are compared in full \
      precision, whatever `training.matmul_precision` is. Above the tolerance the command ends with exit code 5.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [steps, tolerance, .set, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc compare examples/sample-mmoe.json5", comment: "twenty steps"),
      .init(line: "mtlc compare spec.json5 --steps 100 --json", comment: "more, for a script"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let steps = try arguments.integer(steps, in: 1...1_000_000)
    let limit = try number(arguments[tolerance]) ?? 1e-4
    let terminal = TerminalObserver(arguments)
    let comparison = try arguments.experiment(arguments.operands[0])
      .compare(steps: steps, tolerance: limit, observer: terminal)
    try Terminal.result(
      arguments.has(.json)
        ? ComparisonText.json(comparison).text : ComparisonText.text(comparison))
    return comparison.agrees ? .success : .numeric
  }

  private static func number(_ text: String?) throws -> Double? {
    guard let text else { return nil }
    guard let value = Double(text), value >= 0 else {
      throw ExperimentError(.argument, "--tolerance \(text): expected a number of at least 0")
    }
    return value
  }
}
