import Data
import Plan
import Runtime
import Schema

/// `mtlc inspect`.
enum InspectCommand: Command {
  static let listing = OptionSpec("--listing", .flag, "also list buffers and instructions")
  static let specText = OptionSpec(
    "--spec", .flag, "print the spec that the plan was compiled from")

  static let profile = OptionSpec(
    "--profile", .flag, "run each program on made-up rows and show where the time goes")

  static let spec = CommandSpec(
    name: "inspect", summary: "show what a plan holds: tasks, features, components, programs, cost",
    operands: [.init(name: "PLAN", help: "a plan file; - is standard input")],
    options: [listing, specText, profile, .json],
    examples: [
      .init(line: "mtlc inspect plan.bin", comment: "an overview"),
      .init(line: "mtlc inspect plan.bin --listing", comment: "every instruction"),
      .init(line: "mtlc inspect plan.bin --profile", comment: "where a step's time goes"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let plan = try PlanFile.read(arguments.operands[0])
    if arguments.has(profile) {
      try runProfile(plan, json: arguments.has(.json))
    } else if arguments.has(specText) {
      try Terminal.result(plan.specText)
    } else if arguments.has(.json) {
      try Terminal.result(json(plan).text)
    } else {
      try Terminal.result(text(plan))
      if arguments.has(listing) { try Terminal.result("\n" + PlanListing.text(plan)) }
    }
    return .success
  }

  private static func runProfile(_ plan: Plan, json: Bool) throws {
    let session = try Session(plan: plan, threads: 1)
    let peak = MachinePeak.flopsPerSecond(threads: 1)
    var members: [(String, JSON)] = []
    for program in plan.programs {
      let rows = program.batchCapacity
      var random = SplitMix64(seed: 1)
      try SyntheticFeeds.fill(session, program.kind, schema: plan.schema, rows: rows, &random)
      let profiles = try session.profile(program.kind, rows: rows, repeats: 21)
      members.append((program.kind.rawValue, ProfileReport.json(profiles)))
      if !json {
        try Terminal.result(
          "\(program.kind.rawValue), \(Format.count(rows)) rows, one thread; measured peak "
            + "\(Format.fixed(peak / 1e9, 0)) GFLOP/s\n"
            + ProfileReport.text(profiles, peak: peak) + "\n")
      }
    }
    if json { try Terminal.result(JSON.object(members).text) }
  }

  // MARK: Text

  private static func text(_ plan: Plan) -> String {
    var text = "\(plan.name): \(state(plan)), format version \(PlanFormat.version)\n"
    text += TrainingText.lines(plan.training) + "\n"
    var tasks = Table(["task", "kind", "label column", "positive"], left: [1, 2, 3])
    for task in plan.tasks {
      let label = task.labelColumn.map { plan.schema.labels[$0] }
      tasks.rows.append([
        task.name, task.kind.name, label?.column ?? "", label.map { positives($0.kind) } ?? "",
      ])
    }
    text += tasks.text + "\n"
    var features = Table(["feature", "column", "encoder", "rows"], left: [1, 2])
    for feature in plan.schema.features {
      features.rows.append([
        feature.name, feature.column, encoder(feature.encoder),
        feature.cardinality.map(Format.count) ?? "",
      ])
    }
    text += features.text + "\n"
    text += ComponentTree(plan.parameters).text + "\n"
    var programs = Table([
      "program", "rows", "levels", "calls", "threads", "arena", "all buffers", "Mflop",
    ])
    for program in plan.programs {
      programs.rows.append([
        program.kind.rawValue, Format.count(program.batchCapacity), "\(program.levels.count)",
        "\(program.instructions.count)", "\(program.threads)",
        Format.bytes(4 * program.arenaFloats),
        Format.bytes(bytes(program.intermediateFloats)),
        Format.fixed(Double(flops(program)) / 1e6, 2),
      ])
    }
    text += programs.text + "\n"
    for program in plan.programs {
      text += "\(program.kind.rawValue): \(kernels(program))\n"
    }
    let weights = plan.parameters.reduce(0) { $0 + $1.rows * $1.columns }
    text += "\n\(Format.count(weights)) weights in \(plan.parameters.count) parameters; "
    text += "\(Format.bytes(plan.memoryBytes)) of memory in a session\n"
    return text
  }

  private static func state(_ plan: Plan) -> String {
    if let progress = plan.progress { return "checkpoint at step \(progress.step)" }
    return plan.weights == nil ? "compiled, not trained" : "trained"
  }

  private static func positives(_ kind: LabelSchema.Kind) -> String {
    switch kind {
    case .positives(let texts): texts.joined(separator: " | ")
    case .binary: "1"
    case .number: ""
    case .classes(let names): names.joined(separator: " | ")
    }
  }

  private static func encoder(_ encoder: FeatureSchema.Encoder) -> String {
    switch encoder {
    case .id(let encoding): name(encoding)
    case .numeric(let normalizer): normalizer.logarithm ? "number, logarithm" : "number"
    case .bucketized(let boundaries): "\(boundaries.count + 1) buckets"
    case .sequence(let encoding, let layout): "up to \(layout.maxLength) of \(name(encoding))"
    }
  }

  private static func name(_ encoding: IdEncoding) -> String {
    switch encoding {
    case .vocabulary: "vocabulary"
    case .hash: "hash"
    case .identity: "integer"
    }
  }

  private static func bytes(_ floats: Int) -> Int { floats > .max / 4 ? .max : 4 * floats }

  private static func flops(_ program: Program) -> Int {
    program.instructions.reduce(0) { sum, instruction in
      let (total, overflow) = sum.addingReportingOverflow(
        instruction.cost(rows: program.batchCapacity).flops)
      return overflow ? .max : total
    }
  }

  private static func counts(_ program: Program) -> [(String, Int)] {
    Dictionary(grouping: program.instructions, by: \.name).map { ($0, $1.count) }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  private static func kernels(_ program: Program) -> String {
    counts(program).map { "\($1) \($0)" }.joined(separator: ", ")
  }

  // MARK: JSON

  private static func json(_ plan: Plan) -> JSON {
    .object([
      ("name", .string(plan.name)),
      ("format_version", .integer(Int(PlanFormat.version))),
      ("state", .string(state(plan))),
      (
        "tasks",
        .array(
          plan.tasks.map { task in
            .object([
              ("name", .string(task.name)), ("kind", .string(task.kind.name)),
              ("label", task.labelColumn.map { .string(plan.schema.labels[$0].column) } ?? .null),
            ])
          })
      ),
      (
        "features",
        .array(
          plan.schema.features.map { feature in
            .object([
              ("name", .string(feature.name)), ("column", .string(feature.column)),
              ("encoder", .string(encoder(feature.encoder))),
              ("cardinality", feature.cardinality.map { .integer($0) } ?? .null),
            ])
          })
      ),
      (
        "programs",
        .array(
          plan.programs.map { program in
            .object([
              ("kind", .string(program.kind.rawValue)),
              ("batch_capacity", .integer(program.batchCapacity)),
              ("levels", .integer(program.levels.count)),
              ("instructions", .integer(program.instructions.count)),
              ("threads", .integer(program.threads)),
              ("arena_bytes", .integer(4 * program.arenaFloats)),
              ("intermediate_bytes", .integer(bytes(program.intermediateFloats))),
              ("flops", .integer(flops(program))),
              ("kernels", .object(counts(program).map { ($0, .integer($1)) })),
            ])
          })
      ),
      (
        "parameters",
        .array(
          plan.parameters.map { record in
            .object([
              ("name", .string(record.name)), ("shape", .array(record.shape.map { .integer($0) })),
            ])
          })
      ),
      ("components", ComponentTree(plan.parameters).json),
      ("memory_bytes", .integer(plan.memoryBytes)),
    ])
  }
}
