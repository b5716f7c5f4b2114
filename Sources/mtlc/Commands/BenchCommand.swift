import Data
import Passes
import Plan
import Runtime
import Schema

/// `mtlc bench`.
enum BenchCommand: Command {
  static let batch = OptionSpec(
    "--batch", .value("N,N"), "batch sizes to time (default 32,256,1024,4096)")
  static let predict = OptionSpec("--predict", .flag, "time predictions instead of training steps")
  static let seconds = OptionSpec(
    "--seconds", .value("N"), "how long to time each size (default 2)")
  static let fresh = OptionSpec(
    "--fresh", .flag, "other rows for each step, so that lookups miss the caches as in training")
  static let profile = OptionSpec("--profile", .flag, "also show where the time of a step goes")

  static let spec = CommandSpec(
    name: "bench", summary: "time the steps of a model on made-up rows",
    details: """
      Compiles the spec for each batch size and runs steps on made-up rows, so that nothing but the \
      step is timed: after a warm-up the median, the 10th and the 90th percentile. GFLOP/s counts \
      what is executed; useful is the arithmetic of the products of the model as it is written, \
      without fusion. The peak is measured: fused multiply-adds in registers on as many threads. \
      Data files are read only where a vocabulary has to be learned from them.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [
      batch, predict, seconds, fresh, profile, CompileCommand.disable, .threads, .set, .json,
      .quiet,
    ],
    examples: [
      .init(line: "mtlc bench benchmarks/mmoe-dense.json5", comment: "four batch sizes"),
      .init(
        line: "mtlc bench spec.json5 --batch 1 --predict --threads 1", comment: "latency of a row"),
      .init(
        line: "mtlc bench spec.json5 --disable fuse_experts", comment: "what a pass is worth"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let sizes = try batches(arguments[batch] ?? "32,256,1024,4096")
    let threads = try arguments.integer(.threads, in: 1...1024)
    let duration = try arguments.integer(seconds, in: 1...3600) ?? 2
    let kind: Program.Kind = arguments.has(predict) ? .predict : .train
    let disabled = Set(arguments.all(CompileCommand.disable))
    try CompileCommand.requirePasses(disabled)
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[0])
    let schema = try workflow.spec.dataDeclaration.assumedSchema() ?? workflow.fit().schema
    var results: [StepTimes] = []
    var profiles: [[InstructionProfile]] = []
    var peaks: [Int: Double] = [:]
    for size in sizes {
      let plan = try workflow.compile(schema, rows: size, disabled: disabled)
      let plain = try workflow.compile(schema, rows: size, disabled: try Compiler.optionalPasses())
      guard let program = plan.program(kind), let source = plain.program(kind) else { continue }
      let session = try Session(plan: plan, threads: threads)
      session.initialize(seed: plan.training.seed)
      var random = SplitMix64(seed: 1)
      func fill() throws {
        try SyntheticFeeds.fill(session, kind, schema: schema, rows: size, &random)
      }
      try fill()
      let used = min(session.threads, program.threads)
      let peak = peaks[used] ?? MachinePeak.flopsPerSecond(threads: used)
      peaks[used] = peak
      let useful = source.instructions.reduce(0.0) { sum, instruction in
        guard case .matmul = instruction else { return sum }
        return sum + Double(instruction.cost(rows: size).flops)
      }
      results.append(
        try StepTimes.measure(
          session, program, seconds: Double(duration), usefulFlops: useful, peak: peak,
          refill: arguments.has(fresh) ? fill : nil))
      if arguments.has(profile) {
        profiles.append(try session.profile(kind, rows: size, repeats: 51))
      }
    }
    try Terminal.result(
      arguments.has(.json)
        ? JSON.array(results.map(\.json)).text
        : text(workflow, kind, results) + lookups(schema, results))
    if !arguments.has(.json) {
      for (result, profile) in zip(results, profiles) {
        try Terminal.result(
          "\nbatch \(result.rows), each instruction on one thread:\n"
            + ProfileReport.text(profile, peak: MachinePeak.flopsPerSecond(threads: 1)))
      }
    }
    return .success
  }

  private static func text(
    _ workflow: SpecWorkflow, _ kind: Program.Kind, _ results: [StepTimes]
  ) -> String {
    var table = Table(StepTimes.columns)
    table.rows = results.map(\.cells)
    let peak = results.map(\.peak).max() ?? 0
    return "\(workflow.spec.name), \(kind.rawValue) steps; measured peak "
      + "\(Format.fixed(peak / 1e9, 0)) GFLOP/s\n\n" + table.text
  }

  /// How many table rows the steps look up, where a row of the batch has many ids.
  private static func lookups(_ schema: DataSchema, _ results: [StepTimes]) -> String {
    let ids = schema.feeds.slots.reduce(0) { sum, slot in
      switch slot {
      case .numeric: sum
      case .id: sum + 1
      case .sequence(let length, _): sum + length
      }
    }
    guard ids >= 16 else { return "" }
    let rates = results.map { Format.short($0.rowsPerSecond * Double(ids)) }
    return "\n\(ids) ids a row: \(rates.joined(separator: ", ")) table rows/s\n"
  }

  private static func batches(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let size = Int(part), (1...10_000_000).contains(size) else {
        throw UsageError(
          message: "--batch \(text): expected batch sizes such as 32,256", hint: nil)
      }
      return size
    }
  }
}

extension SpecWorkflow {
  /// A plan for a batch size of training and prediction, on a schema that need not be fitted.
  fileprivate func compile(_ schema: DataSchema, rows: Int, disabled: Set<String>) throws -> Plan {
    var settings = training
    settings.batchSize = rows
    settings.evaluationBatchSize = rows
    return try compile(
      schema, settings: settings, hasMissingLabels: false,
      options: Compiler.Options(disabled: disabled)
    ).plan
  }
}
