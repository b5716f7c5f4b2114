import Data
import Passes
import Runtime

/// `mtlc compare`.
enum CompareCommand: Command {
  static let steps = OptionSpec("--steps", .value("N"), "training steps to compare (default 20)")
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
    let steps = try arguments.integer(steps, in: 1...1_000_000) ?? 20
    let threads = try arguments.integer(.threads, in: 1...1024)
    let limit = try number(arguments[tolerance]) ?? 1e-4
    if let meta = try MetaWorkflow(arguments, path: arguments.operands[0]) {
      return try MetaCommands.compare(
        meta, steps: arguments.has(Self.steps) ? steps : 2, limit: limit, threads: threads,
        json: arguments.has(.json))
    }
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[0])
    let fitted = try workflow.fit()
    try workflow.requireLabels(fitted.statistics)
    var plan = try workflow.compile(
      fitted, options: Compiler.Options(includesGradients: true)
    ).plan
    // What is checked is the compiler: rounding on purpose would only hide its errors.
    let isExact = plan.training.matmulPrecision == .highest
    plan.training.matmulPrecision = .highest
    let session = try Session(plan: plan, threads: threads)
    session.initialize(seed: plan.training.seed)
    let order = Shuffle(seed: plan.training.seed).permutation(
      epoch: 0, count: fitted.dataset.rowCount)
    let report = try ModeComparison(session: session, model: workflow.eagerModel(fitted)).run(
      fitted.dataset, order: order, steps: steps)
    let agrees = report.entries.allSatisfy { $0.difference <= limit }
    try Terminal.result(
      arguments.has(.json)
        ? json(report, limit, agrees).text : text(plan.name, report, limit, agrees, isExact))
    return agrees ? .success : .numeric
  }

  private static func number(_ text: String?) throws -> Double? {
    guard let text else { return nil }
    guard let value = Double(text), value >= 0 else {
      throw UsageError(message: "--tolerance \(text): expected a number of at least 0", hint: nil)
    }
    return value
  }

  private static func text(
    _ name: String, _ report: ModeComparison.Report, _ limit: Double, _ agrees: Bool,
    _ isExact: Bool
  ) -> String {
    var text = "\(name): eager against static, \(report.steps) steps\n\n"
    var table = Table(["", "largest relative difference", "at step", ""], left: [0, 3])
    for entry in report.entries {
      let name = entry.kind == .loss ? entry.name : "\(entry.kind.rawValue) \(entry.name)"
      let mark = entry.difference <= limit ? "" : "← above \(Format.scientific(limit))"
      table.rows.append([name, Format.scientific(entry.difference), "\(entry.step)", mark])
    }
    text += table.text + "\n"
    let parts = ModeComparison.Entry.Kind.allCases.map {
      "\($0.rawValue) \(Format.scientific(report.largest($0)))"
    }
    text += "largest: \(parts.joined(separator: ", ")); allowed \(Format.scientific(limit)): "
    text += agrees ? "the modes agree\n" : "the modes do NOT agree\n"
    if !isExact {
      text += "products were taken in full precision; training.matmul_precision is left out\n"
    }
    if report.replacedRows > 0 {
      text += "\(report.replacedRows) rows within rounding of a kink were replaced by others\n"
    }
    if report.alignedElements > 0 {
      text += "\(report.alignedElements) elements with a gradient of nothing but rounding were "
      text += "given the same value in both modes\n"
    }
    if report.staticSeconds > 0 {
      text +=
        "a step takes \(Format.fixed(1e6 * report.eagerSeconds / timed(report), 0)) µs eager, "
      text += "\(Format.fixed(1e6 * report.staticSeconds / timed(report), 0)) µs static: "
      text += "\(Format.fixed(report.eagerSeconds / report.staticSeconds, 1)) times as fast\n"
    }
    return text
  }

  private static func timed(_ report: ModeComparison.Report) -> Double {
    Double(max(1, report.steps - 1))
  }

  private static func json(
    _ report: ModeComparison.Report, _ limit: Double, _ agrees: Bool
  ) -> JSON {
    .object([
      ("steps", .integer(report.steps)), ("tolerance", .number(limit)), ("agree", .bool(agrees)),
      ("replaced_rows", .integer(report.replacedRows)),
      ("aligned_elements", .integer(report.alignedElements)),
      (
        "largest",
        .object(
          ModeComparison.Entry.Kind.allCases.map { ($0.rawValue, .number(report.largest($0))) })
      ),
      (
        "entries",
        .array(
          report.entries.map {
            .object([
              ("kind", .string($0.kind.rawValue)), ("name", .string($0.name)),
              ("difference", .number($0.difference)), ("step", .integer($0.step)),
            ])
          })
      ),
      ("eager_seconds", .number(report.eagerSeconds)),
      ("static_seconds", .number(report.staticSeconds)),
    ])
  }
}
