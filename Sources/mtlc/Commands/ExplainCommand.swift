import Experiments
import Schema

/// `mtlc explain`.
enum ExplainCommand: Command {
  static let spec = CommandSpec(
    name: "explain", summary: "tell what each pass did to a model",
    details: """
      Compiles the spec and shows, pass by pass, how many nodes and matrix products were left, what \
      fused ops came in, and how long it took; then the memory plan: the arena beside the largest \
      sum of bytes that live at one time, which no plan can go below.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [CompileCommand.program, CompileCommand.disable, .set, .quiet],
    examples: [.init(line: "mtlc explain examples/sample-mmoe.json5", comment: "the whole way")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let program = try arguments.choice(CompileCommand.program, ProgramPurpose.self) ?? .train
    var request = BenchRequest()
    request.disabled = Set(arguments.all(CompileCommand.disable))
    try request.check()
    let explanation = try arguments.experiment(arguments.operands[0]).explain(
      program, disabling: request.disabled, observer: TerminalObserver(arguments))
    try Terminal.result(text(explanation))
    return .success
  }

  private static func text(_ explanation: Explanation) -> String {
    let table = Table(
      ["pass", "nodes", "products", "ms", "changes"], left: [4], explanation.stages
    ) {
      [
        $0.name, "\($0.nodes)", "\($0.products)",
        $0.seconds.map { Format.fixed($0 * 1e3, 2) } ?? "", changes($0),
      ]
    }
    let (program, bound) = (explanation.program, explanation.liveBytes)
    var text = table.text
    text += "\nlowered in \(Format.fixed(explanation.loweringSeconds * 1e3, 2)) ms: "
    text += "\(program.instructions.count) instructions in \(program.levels.count) levels, "
    text += "\(explanation.updatingProducts) products apply the optimizer\n"
    text += "arena \(Format.bytes(program.arenaBytes)) for "
    text += "\(Format.bytes(program.intermediateBytes)) of buffers; "
    text += "at most \(Format.bytes(bound)) live at one time"
    if bound > 0 {
      text +=
        " (\(Format.fixed(100 * Double(program.arenaBytes) / Double(bound) - 100, 1)) % above)"
    }
    return text + "\n"
  }

  /// The largest differences, as `matmul 22→4`.
  private static func changes(_ stage: Explanation.Stage) -> String {
    let shown = stage.changes.prefix(5).map { "\($0.op) \($0.before)→\($0.after)" }
    return shown.joined(separator: ", ") + (stage.changes.count > 5 ? ", …" : "")
  }
}
