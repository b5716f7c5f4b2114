import Experiments
import Schema

/// What a plan holds, as text and as JSON.
enum OverviewText {
  static func text(_ plan: PlanOverview) -> String {
    var text = "\(plan.name): \(state(plan)), format version \(plan.formatVersion)\n"
    text += TrainingText.lines(plan) + "\n"
    var tasks = Table(["task", "kind", "label column", "positive"], left: [1, 2, 3])
    for task in plan.tasks {
      tasks.rows.append([
        task.name, task.kind, task.label?.column ?? "",
        task.label.map { positives($0.kind) } ?? "",
      ])
    }
    text += tasks.text + "\n"
    var features = Table(["feature", "column", "encoder", "rows"], left: [1, 2])
    for feature in plan.features {
      features.rows.append([
        feature.name, feature.column, encoder(feature.encoder),
        feature.cardinality.map(Format.count) ?? "",
      ])
    }
    text += features.text + "\n"
    text += ComponentText.text(plan.components) + "\n"
    var programs = Table([
      "program", "rows", "levels", "calls", "arena", "all buffers", "Mflop",
    ])
    for program in plan.programs {
      programs.rows.append([
        program.name, Format.count(program.batchCapacity), "\(program.levels)",
        "\(program.instructions)", Format.bytes(program.arenaBytes),
        Format.bytes(program.intermediateBytes), Format.fixed(Double(program.flops) / 1e6, 2),
      ])
    }
    text += programs.text + "\n"
    for program in plan.programs {
      let kernels = program.kernels.map { "\($0.count) \($0.name)" }
      text += "\(program.name): \(kernels.joined(separator: ", "))\n"
    }
    text += "\n\(Format.count(plan.weights)) weights in \(plan.parameters.count) parameters; "
    text += "\(Format.bytes(plan.memoryBytes)) of memory in a session\n"
    return text
  }

  private static func state(_ plan: PlanOverview) -> String {
    switch plan.state {
    case .checkpoint(let step): "checkpoint at step \(step)"
    case .compiled: "compiled, not trained"
    case .trained: "trained"
    }
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

  static func json(_ plan: PlanOverview) -> JSON {
    .object([
      ("name", .string(plan.name)),
      ("format_version", .integer(plan.formatVersion)),
      ("state", .string(state(plan))),
      (
        "tasks",
        .array(
          plan.tasks.map { task in
            .object([
              ("name", .string(task.name)), ("kind", .string(task.kind)),
              ("label", task.label.map { .string($0.column) } ?? .null),
            ])
          })
      ),
      (
        "features",
        .array(
          plan.features.map { feature in
            .object([
              ("name", .string(feature.name)), ("column", .string(feature.column)),
              ("encoder", .string(encoder(feature.encoder))),
              ("cardinality", feature.cardinality.map { .integer($0) } ?? .null),
            ])
          })
      ),
      ("programs", .array(plan.programs.map(json))),
      (
        "parameters",
        .array(
          plan.parameters.map { parameter in
            .object([
              ("name", .string(parameter.name)),
              ("shape", .array(parameter.shape.map { .integer($0) })),
            ])
          })
      ),
      ("components", ComponentText.json(plan.components)),
      ("memory_bytes", .integer(plan.memoryBytes)),
    ])
  }

  private static func json(_ program: PlanOverview.Program) -> JSON {
    .object([
      ("kind", .string(program.name)),
      ("batch_capacity", .integer(program.batchCapacity)),
      ("levels", .integer(program.levels)),
      ("instructions", .integer(program.instructions)),
      ("arena_bytes", .integer(program.arenaBytes)),
      ("intermediate_bytes", .integer(program.intermediateBytes)),
      ("flops", .integer(program.flops)),
      ("kernels", .object(program.kernels.map { ($0.name, .integer($0.count)) })),
    ])
  }
}
