import GraphIR
import Passes
import Plan

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
    let kind = try arguments.choice(CompileCommand.program, CompileCommand.ProgramName.self)
    let program = (kind ?? .train).programKind
    let disabled = Set(arguments.all(CompileCommand.disable))
    try CompileCommand.requirePasses(disabled)
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[0])
    let schema = try workflow.spec.dataDeclaration.assumedSchema() ?? workflow.fit().schema
    var stages: [(name: String, counts: [String: Int])] = []
    let result = try workflow.compile(
      schema, settings: workflow.training, hasMissingLabels: false,
      options: Compiler.Options(disabled: disabled)
    ) { compiled, pass, graph in
      if compiled == program { stages.append((pass, graph.opCounts())) }
    }
    guard let report = result.reports.first(where: { $0.kind == program }),
      let compiled = result.plan.program(program)
    else { return .success }
    try Terminal.result(text(report, stages, compiled))
    return .success
  }

  private static func text(
    _ report: Compiler.ProgramReport, _ stages: [(name: String, counts: [String: Int])],
    _ program: Program
  ) -> String {
    var before = report.source.opCounts()
    var table = Table(["pass", "nodes", "products", "ms", "changes"], left: [4])
    table.rows.append([
      "model", "\(report.source.nodes.count)", "\(products(before))", "", "",
    ])
    for (stage, record) in zip(stages, report.passes) {
      table.rows.append([
        stage.name, "\(record.nodes)", "\(products(stage.counts))",
        Format.fixed(record.seconds * 1e3, 2), changes(before, stage.counts),
      ])
      before = stage.counts
    }
    var text = table.text
    let arena = 4 * report.arenaFloats
    let bound = 4 * report.arenaLowerBound
    let shared = program.buffers.filter { $0.space == .arena }.reduce(0) { $0 + 4 * $1.count }
    text += "\nlowered in \(Format.fixed(report.loweringSeconds * 1e3, 2)) ms: "
    text += "\(program.instructions.count) instructions in \(program.levels.count) levels, "
    text += "\(program.instructions.count { updates($0) }) products apply the optimizer\n"
    text += "arena \(Format.bytes(arena)) for \(Format.bytes(shared)) of buffers; "
    text += "at most \(Format.bytes(bound)) live at one time"
    if bound > 0 {
      text += " (\(Format.fixed(100 * Double(arena) / Double(bound) - 100, 1)) % above)"
    }
    return text + "\n"
  }

  private static func updates(_ instruction: Instruction) -> Bool {
    if case .matmul(let product) = instruction { product.update != nil } else { false }
  }

  private static func products(_ counts: [String: Int]) -> Int {
    ["matmul", "linear"].reduce(0) { $0 + (counts[$1] ?? 0) }
  }

  /// The largest differences, as `matmul 22 → 4`.
  private static func changes(_ before: [String: Int], _ after: [String: Int]) -> String {
    let names = Set(before.keys).union(after.keys)
    let changed = names.map { ($0, before[$0] ?? 0, after[$0] ?? 0) }.filter { $0.1 != $0.2 }
      .sorted { (abs($1.1 - $1.2), $0.0) < (abs($0.1 - $0.2), $1.0) }
    let shown = changed.prefix(5).map { "\($0.0) \($0.1)→\($0.2)" }.joined(separator: ", ")
    return shown + (changed.count > 5 ? ", …" : "")
  }
}
