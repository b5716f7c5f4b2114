import Experiments
import Report
import Schema

/// `mtlc card`.
enum CardCommand: Command {
  static let output = OptionSpec.output(
    "FILE", "where the card goes (default: standard output)")

  static let spec = CommandSpec(
    name: "card", summary: "write a model card of a trained plan, in Markdown",
    details: """
      What mtlc report shows, as a text to file beside the plan: what the model is and learned from, its \
      tasks and metrics, the parts of the rows that it predicts worst, what it cannot, and how it is made \
      again.
      """,
    operands: [.init(name: "FOLDER|PLAN", help: ReportCommand.operandHelp)],
    options: [ReportCommand.rows, output, .onError, .threads, .quiet],
    examples: [
      .init(line: "mtlc card out -o out/card.md", comment: "of a folder of mtlc train -o"),
      .init(
        line: "mtlc card out/plan.bin --eval new.csv", comment: "the same model on other rows"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let operand = arguments.operands[0]
    let plan = try ReportCommand.plan(operand)
    let path = arguments[output] ?? "-"
    try OutputFolder.requireWritable(path)
    let observer = TerminalObserver(arguments)
    let report = try ReportCommand.report(plan, arguments, observer)
    let command =
      "mtlc card \(operand)" + arguments.all(ReportCommand.rows).map { " --eval \($0)" }.joined()
    try OutputFolder.write(report.card(version: ToolVersion.text, command: command), to: path)
    if path != "-" { observer.note("wrote \(path)") }
    return .success
  }
}
