import Experiments
import Report
import Schema

/// `mtlc report`.
enum ReportCommand: Command {
  static let rows = OptionSpec(
    "--eval", .repeated("ROWS"),
    "labelled rows to report on, instead of the test rows that the plan names (may be repeated)")
  static let output = OptionSpec.output(
    "FILE", "where the page goes (default: report.html in the folder); - is standard output")

  static let operandHelp = "a folder of mtlc train -o, or a trained plan"

  static let spec = CommandSpec(
    name: "report", summary: "show on a page how well a trained plan predicts, and why",
    details: """
      One page without script and network: what is worth a look, metrics with their intervals, curves, \
      calibration, the parts of the rows that are predicted worst, what gates and experts do, which \
      features count, the model as blocks and the spec. mtlc train -o writes it too; of a folder that \
      mtlc train wrote, the page has the curves of training.
      """,
    operands: [.init(name: "FOLDER|PLAN", help: operandHelp)],
    options: [rows, output, .onError, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc report out", comment: "out/report.html again"),
      .init(
        line: "mtlc report out/plan.bin --eval new.csv -o new.html",
        comment: "the same model on other rows"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let operand = arguments.operands[0]
    let folder = folder(operand)
    let files = arguments.all(rows)
    let plan = try plan(operand)
    let path: String?
    if let given = arguments[output] {
      path = given
    } else if arguments.has(.json) {
      path = nil
    } else if let folder {
      path = "\(folder)/report.html"
    } else {
      throw ExperimentError(.argument, "-o FILE is missing", hint: "-o report.html")
    }
    if path == "-", arguments.has(.json) {
      throw ExperimentError(.argument, "-o - leaves no room for --json")
    }
    if let path { try OutputFolder.requireWritable(path) }
    let observer = TerminalObserver(arguments)
    let report = try report(plan, arguments, observer)
    if let path {
      let command = "mtlc report \(operand)" + files.map { " --eval \($0)" }.joined()
      try OutputFolder.write(report.html(version: ToolVersion.text, command: command), to: path)
      observer.note("wrote \(path)")
    }
    if arguments.has(.json) {
      try Terminal.result(report.json.text)
    } else if path != "-" {
      try Terminal.result(report.findingLines)
    }
    return .success
  }

  private static func folder(_ operand: String) -> String? {
    OutputFolder.isFolder(operand) ? operand : nil
  }

  /// A plan, or that of a folder.
  static func plan(_ operand: String) throws -> CompiledPlan {
    try CompiledPlan(contentsOf: folder(operand).map { "\($0)/plan.bin" } ?? operand)
  }

  /// The report that the arguments ask for, with the curves of training where a folder has them.
  static func report(
    _ plan: CompiledPlan, _ arguments: Arguments, _ observer: TerminalObserver
  ) throws -> ModelReport {
    let history = try folder(arguments.operands[0]).flatMap { folder in
      OutputFolder.hasFile("\(folder)/metrics.json")
        ? try TrainingHistory(metricsFile: "\(folder)/metrics.json") : nil
    }
    return try plan.report(
      arguments.all(rows), history: history, threads: try arguments.threads(),
      skipsDamagedRecords: try arguments.skipsDamagedRecords(), observer: observer)
  }
}
