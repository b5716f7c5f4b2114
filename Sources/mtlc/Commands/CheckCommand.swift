import Data
import ModelDefs
import Plan
import Schema

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
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[0])
    let fitted = try workflow.fit(rowLimit: limit)
    try workflow.requireLabels(fitted.statistics)
    let plan = try workflow.compile(fitted).plan
    var test: (dataset: Dataset, statistics: DataStatistics)?
    if !workflow.spec.files.test.isEmpty {
      test = try workflow.reading.rows(
        workflow.spec.files.test, fitted.schema, "test rows", rowLimit: limit)
    }
    let steps = workflow.spec.funnelSteps
    let report = CheckReport(
      name: workflow.spec.name, plan: plan, training: fitted.statistics, test: test?.statistics,
      schema: fitted.schema, leakage: Leakage.findings(fitted),
      contradictions: FunnelOrder(fitted.dataset, fitted.schema, steps: steps).contradictions,
      testContradictions: test.map {
        FunnelOrder($0.dataset, fitted.schema, steps: steps).contradictions
      } ?? [])
    try Terminal.result(arguments.has(.json) ? report.json.text : report.text)
    return .success
  }
}
