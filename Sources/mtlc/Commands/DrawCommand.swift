import Experiments
import Report
import Schema

/// `mtlc draw`.
enum DrawCommand: Command {
  static let ops = OptionSpec("--ops", .flag, "the ops of the graph instead of the model's parts")
  static let after = OptionSpec(
    "--after", .value("PASS"),
    "with --ops: after the last run of a pass, not as the model emits them")
  static let output = OptionSpec.output(
    "FILE",
    "where to write, in the form of its name: .svg, or .dot for Graphviz; - is DOT on standard"
      + " output")

  static let spec = CommandSpec(
    name: "draw", summary: "draw a model as blocks, or its graph op by op",
    details: """
      Shows features, layers, experts, gates and towers with their sizes and numbers of weights, as the \
      names of the parameters tell them and the graph joins them; parts that are alike are one block. \
      Nothing is read but what vocabularies have to be learned from, and nothing at all for a plan.
      """,
    operands: [
      .init(name: "SPEC|PLAN", help: "a spec file (- is standard input), or a plan")
    ],
    options: [output, ops, after, CompileCommand.program, .set, .quiet],
    examples: [
      .init(line: "mtlc draw examples/sample-mmoe.json5 -o model.svg", comment: "the parts"),
      .init(
        line: "mtlc draw spec.json5 --ops --after fuse_gates -o - | dot -Tsvg > ops.svg",
        comment: "ops on the way through the passes, laid out by Graphviz"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let path = arguments[output] else {
      throw ExperimentError(.argument, "-o FILE is missing", hint: "-o model.svg, or -o model.dot")
    }
    let isSVG = path.hasSuffix(".svg")
    guard isSVG || path.hasSuffix(".dot") || path == "-" else {
      throw ExperimentError(
        .argument, "-o \(path): a picture is a file .svg or .dot", hint: "-o model.svg")
    }
    let program = try arguments.choice(CompileCommand.program, ProgramPurpose.self)
    if !arguments.has(ops),
      let option = [after, CompileCommand.program].first(where: arguments.has)
    {
      throw ExperimentError(.argument, "\(option.name) needs --ops")
    }
    if arguments.has(ops), isSVG {
      throw ExperimentError(
        .argument, "ops are drawn as .dot", hint: "-o ops.dot, then dot -Tsvg ops.dot > ops.svg")
    }
    try OutputFolder.requireWritable(path)
    let diagram = try diagram(arguments, program ?? .train)
    try OutputFolder.write(isSVG ? diagram.svg : diagram.dot, to: path)
    return .success
  }

  private static func diagram(
    _ arguments: Arguments, _ program: ProgramPurpose
  ) throws -> ModelDiagram {
    let path = arguments.operands[0]
    guard CompiledPlan.isPlan(path) else {
      let experiment = try arguments.experiment(path)
      let observer = TerminalObserver(arguments)
      return arguments.has(ops)
        ? try experiment.diagram(ofOps: program, after: arguments[after], observer: observer)
        : try experiment.diagram(observer: observer)
    }
    if arguments.has(.set) {
      throw ExperimentError(.argument, "\(OptionSpec.set.name) goes with a spec: a plan is fixed")
    }
    let plan = try CompiledPlan(contentsOf: path)
    return arguments.has(ops)
      ? try plan.diagram(ofOps: program, after: arguments[after]) : try plan.diagram()
  }
}
