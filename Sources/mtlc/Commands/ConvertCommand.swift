import Experiments
import Schema

/// `mtlc convert`.
enum ConvertCommand: Command {
  static let output = OptionSpec.output("FILE", "where to write; - is standard output")

  static let spec = CommandSpec(
    name: "convert", summary: "write a plan in the format of this program",
    details: """
      Every command reads plans from format version \(CompiledPlan.oldestFormatVersion) on, and converts \
      them in memory; this writes the result. A plan of the present version, \
      \(CompiledPlan.formatVersion), comes out byte for byte. FILE may be PLAN.
      """,
    operands: [.init(name: "PLAN", help: "a plan file; - is standard input")],
    options: [output, .quiet],
    examples: [.init(line: "mtlc convert old-plan.bin -o plan.bin", comment: "the newest format")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let path = arguments[output] else {
      throw ExperimentError(.argument, "-o FILE is missing")
    }
    try OutputFolder.requireWritable(path)
    let terminal = TerminalObserver(arguments)
    let plan = try CompiledPlan(contentsOf: arguments.operands[0])
    let bytes = try plan.write(to: path)
    terminal.note(
      "wrote \(path) (format version \(CompiledPlan.formatVersion), \(Format.bytes(bytes)))")
    return .success
  }
}
