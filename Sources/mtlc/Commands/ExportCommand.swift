import Experiments
import Schema

/// `mtlc export`.
enum ExportCommand: Command {
  static let format = OptionSpec(
    "--format", .value("NAME"),
    ExportRequest.formats.map { "\($0.name): \($0.summary)" }.joined(separator: "; "),
    choices: ExportRequest.formats.map(\.name))
  static let states = OptionSpec(
    "--states", .flag, "with safetensors: also the optimizer states of a checkpoint")
  static let inputs = OptionSpec(
    "--inputs", .value("encoded|raw"),
    "with onnx: ids and scaled numbers as the plan's encoders give them (default), or the texts and"
      + " numbers of the columns")
  static let verify = OptionSpec(
    "--verify", .value("FILE"),
    "with onnx: also write made-up rows and what the plan predicts for them, as JSON")
  static let output = OptionSpec.output("FILE", "where to write; - is standard output")

  static let spec = CommandSpec(
    name: "export", summary: "write a trained plan in a form for other programs",
    details: """
      The result stands for the plan without mtlc. The parameters of a safetensors file come back by \
      mtlc run PLAN --weights FILE.
      """,
    operands: [.init(name: "PLAN", help: "a trained plan; - is standard input")],
    options: [format, output, states, inputs, verify, .quiet],
    examples: [
      .init(
        line: "mtlc export plan.bin --format safetensors -o weights.safetensors",
        comment: "the parameters by name"),
      .init(
        line: "mtlc export plan.bin --format onnx --inputs raw -o model.onnx",
        comment: "a model that reads the table's texts and numbers"),
      .init(
        line: "mtlc export plan.bin --format c -o model.c",
        comment: "features and predictions as model.c and model.h"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let name = arguments[format] else {
      throw ExperimentError(
        .argument, "--format is missing",
        hint: "the formats are \(ExportRequest.formats.map(\.name).joined(separator: ", "))")
    }
    guard let path = arguments[output] else {
      throw ExperimentError(.argument, "-o FILE is missing")
    }
    var request = try ExportRequest(format: name)
    request.includesStates = arguments.has(states)
    if let text = arguments[inputs] {
      guard let form = ExportRequest.Inputs(rawValue: text) else {
        throw ExperimentError(
          .argument, "--inputs is encoded or raw, not \"\(text)\"")
      }
      request.inputs = form
    }
    request.verification = arguments[verify]
    if let place = request.verification {
      if place == path { throw ExperimentError(.argument, "--verify and -o name one file") }
      try OutputFolder.requireWritable(place)
    }
    try request.check(path: path)
    try OutputFolder.requireWritable(path)
    let terminal = TerminalObserver(arguments)
    let plan = try CompiledPlan(contentsOf: arguments.operands[0])
    for file in try plan.export(request, to: path) {
      terminal.note("wrote \(file.path) (\(Format.bytes(file.bytes)))")
    }
    return .success
  }
}
