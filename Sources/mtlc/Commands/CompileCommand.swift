import Experiments
import Schema

/// `mtlc compile`.
enum CompileCommand: Command {
  static let emit = OptionSpec(
    "--emit", .value("STAGE"), of: CompileRequest.Stage.self,
    "print a stage as text: graph (as the model emits it), gradients (with its backward pass), "
      + "optimized (after all passes), plan (instructions and memory)")
  static let program = OptionSpec(
    "--program", .value("KIND"), of: ProgramPurpose.self,
    "the program that --emit, --print-after and --stop-after are about: train (default; of the "
      + "stage plan all programs) or predict")
  static let printAfter = OptionSpec(
    "--print-after", .repeated("PASS"),
    "print the graph, or the program, after each run of a pass")
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
      try arguments.allow((listPasses.name, [listPasses]))
      try Terminal.result(try CompileRequest.passNames().joined(separator: "\n"))
      return .success
    }
    let path = arguments[output]
    var request = CompileRequest()
    request.stage = try arguments.choice(emit, CompileRequest.Stage.self)
    request.program = try arguments.choice(program, ProgramPurpose.self)
    request.printAfter = Set(arguments.all(printAfter))
    request.stopAfter = arguments[stopAfter]
    request.disabled = Set(arguments.all(disable))
    request.needsPlan = path != nil
    try request.check()
    guard path != nil || request.stage != nil || request.stopAfter != nil else {
      throw ExperimentError(
        .argument, "nothing to do with the plan",
        hint: "-o PLAN writes it, --emit STAGE prints a stage of it")
    }
    if path == "-", request.stage != nil || !request.printAfter.isEmpty {
      throw ExperimentError(.argument, "-o - leaves no room for printed graphs")
    }
    if arguments.has(program), request.stage == nil, request.stopAfter == nil,
      request.printAfter.isEmpty
    {
      throw ExperimentError(.argument, "--program goes with --emit, --print-after or --stop-after")
    }
    if let path { try OutputFolder.requireWritable(path) }
    let terminal = TerminalObserver(arguments)
    let result = try arguments.experiment(arguments.operands[0])
      .compile(request, observer: terminal)
    for text in result.texts { try Terminal.result(text) }
    if let path, let plan = result.plan {
      let bytes = try plan.write(to: path)
      terminal.note("wrote \(path) (\(Format.bytes(bytes)))")
    }
    return .success
  }
}
