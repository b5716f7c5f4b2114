import Experiments

/// `mtlc compare`.
enum CompareCommand: Command {
  static let steps = OptionSpec(
    "--steps", .value("N"), "training steps to compare (default 20; 2 meta steps on episodes)")
  static let tolerance = OptionSpec(
    "--tolerance", .value("X"), "largest distance allowed (default: a bound for each tensor)")

  static let spec = CommandSpec(
    name: "compare", summary: "run a spec eagerly and compiled, side by side, and compare",
    details: """
      Both modes start each step from the same weights and batch. Shown is how far every loss, \
      gradient and parameter is from that of the eager engine in double precision: the largest \
      difference over all steps, as a share of the largest magnitude that the tensor has in them. \
      Allowed is 16 times what rounding of sums of their lengths does to the tensor in these \
      steps, drawn again where a tensor lies beyond; it depends on the model and not on the processor. \
      --tolerance X allows X instead. \
      Rows at which some derivative jumps within rounding, as that of relu does at 0, are replaced \
      by others and counted. A parameter may differ by what rounding of its gradient does to the \
      optimizer's step: Adam makes a whole step of a gradient that is nothing but rounding. Products \
      are taken in full precision, whatever `training.matmul_precision` is. Beyond a limit the \
      command ends with exit code 5.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [steps, tolerance, .set, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc compare examples/sample-mmoe.json5", comment: "twenty steps"),
      .init(line: "mtlc compare spec.json5 --steps 100 --json", comment: "more, for a script"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let steps = try arguments.integer(steps, in: 1...1_000_000)
    let limit = try number(arguments[tolerance])
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
