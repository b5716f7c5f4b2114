import GraphIR
import ModelDefs
import Passes
import Plan

/// `mtlc compile`.
enum CompileCommand: Command {
  enum Emission: String, CaseIterable { case graph, gradients, optimized, plan }
  enum ProgramName: String, CaseIterable { case train, predict }

  static let emit = OptionSpec(
    "--emit", .value("STAGE"),
    "print a stage as text: graph (as the model emits it), gradients (with its backward pass), "
      + "optimized (after all passes), plan (instructions and memory)")
  static let program = OptionSpec(
    "--program", .value("KIND"),
    "the program that --emit, --print-after and --stop-after are about: train (default), predict")
  static let printAfter = OptionSpec(
    "--print-after", .repeated("PASS"), "print the graph after each run of a pass")
  static let stopAfter = OptionSpec(
    "--stop-after", .value("PASS"), "stop after the last run of a pass and print the graph")
  static let disable = OptionSpec(
    "--disable", .repeated("PASS"), "leave a pass out (may be repeated)")
  static let listPasses = OptionSpec("--list-passes", .flag, "print the names of the passes")
  static let output = OptionSpec.output("PLAN", "where to write the plan; - is standard output")

  static let spec = CommandSpec(
    name: "compile", summary: "compile a spec into a plan file",
    details: """
      Learns vocabularies and normalisers from the training files of the spec, builds the model, \
      differentiates and optimizes it, and writes a self-contained plan. What mtlc run makes of the \
      plan is bit for bit what mtlc train makes of the spec.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [
      output, emit, program, printAfter, stopAfter, disable, listPasses, .set, .quiet,
    ],
    examples: [
      .init(line: "mtlc compile spec.json5 -o plan.bin", comment: "write a plan"),
      .init(line: "mtlc compile spec.json5 --emit graph", comment: "look at the model"),
      .init(
        line: "mtlc compile spec.json5 --stop-after differentiate", comment: "see the backward pass"
      ),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments.has(listPasses) {
      try Terminal.result(try Compiler.passNames().joined(separator: "\n"))
      return .success
    }
    let emission = try arguments.choice(emit, Emission.self)
    let kind = try arguments.choice(program, ProgramName.self) ?? .train
    guard arguments[output] != nil || emission != nil || arguments[stopAfter] != nil else {
      throw UsageError(
        message: "nothing to do with the plan",
        hint: "-o PLAN writes it, --emit STAGE prints a stage of it")
    }
    if arguments[output] == "-", emission != nil || !arguments.all(printAfter).isEmpty {
      throw UsageError(message: "-o - leaves no room for printed graphs", hint: nil)
    }
    if let path = arguments[output] { try OutputFolder.requireWritable(path) }
    if let meta = try MetaWorkflow(arguments, path: arguments.operands[0]) {
      try MetaCommands.compile(meta, arguments)
      return .success
    }
    let names = try passes(kind, arguments)
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[0])
    let fitted = try workflow.fit()
    try workflow.requireLabels(fitted.statistics)
    let source = try workflow.graph(kind == .train ? .train : .predict, fitted)
    if emission == .graph {
      try Terminal.result(source.text)
      if arguments[output] == nil { return .success }
    }
    let all =
      kind == .train ? try names.pipeline.training(as: workflow.training, source) : names.pipeline
    if let stop = arguments[stopAfter] {
      let pipeline = try all.stopping(after: stop)
      try Terminal.result(try pipeline.run(source, observer: printing(names.printed)).text)
      return .success
    }
    if emission == .gradients {
      let last = kind == .train ? "differentiate" : "drop_stop_gradient"
      try Terminal.result(try all.stopping(after: last).run(source).text)
      if arguments[output] == nil { return .success }
    }
    let result = try workflow.compile(
      fitted, options: Compiler.Options(disabled: Set(arguments.all(disable)))
    ) { program, pass, graph in
      if program.rawValue == kind.rawValue { try printing(names.printed)(pass, graph, 0) }
    }
    if emission == .optimized,
      let report = result.reports.first(where: { $0.kind == kind.programKind })
    {
      try Terminal.result(report.optimized.text)
    }
    if emission == .plan { try Terminal.result(PlanListing.text(result.plan)) }
    if let path = arguments[output] {
      try PlanFile.write(result.plan, to: path)
      let bytes = result.plan.encoded().count
      workflow.log.note("wrote \(path) (\(Format.bytes(bytes)))")
    }
    return .success
  }

  private static func passes(
    _ kind: ProgramName, _ arguments: Arguments
  ) throws -> (pipeline: Pipeline, printed: Set<String>) {
    do {
      let all = try Pipeline.standard(kind == .train ? .train : .predict)
      let disabled = Set(arguments.all(disable))
      let unknown = disabled.subtracting(try Compiler.passNames())
      if let name = unknown.min() { _ = try all.disabling([name]) }
      let pipeline = try all.disabling(disabled.intersection(all.passNames))
      for name in arguments.all(printAfter) { try pipeline.require(name) }
      if let stop = arguments[stopAfter] { _ = try pipeline.stopping(after: stop) }
      return (pipeline, Set(arguments.all(printAfter)))
    } catch let error as PassNameError {
      throw UsageError(message: error.description, hint: nil)
    }
  }

  /// Refuses names that are not passes, or of passes that must run. Throws `UsageError`.
  static func requirePasses(_ disabled: Set<String>) throws {
    do {
      try Compiler.requirePasses(disabled)
    } catch let error as PassNameError {
      throw UsageError(message: error.description, hint: nil)
    }
  }

  private static func printing(_ names: Set<String>) -> Pipeline.Observer {
    { name, graph, _ in
      let base = name.split(separator: ".").first.map(String.init) ?? name
      guard names.contains(name) || names.contains(base) else { return }
      try Terminal.result("# after \(name)\n\(graph.text)")
    }
  }
}

extension CompileCommand.ProgramName {
  var programKind: Program.Kind {
    switch self {
    case .train: .train
    case .predict: .predict
    }
  }
}
