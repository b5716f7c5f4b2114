import Experiments
import Report
import Schema

/// What a plan holds, as text and as JSON.
enum OverviewText {
  static func text(_ compiled: CompiledPlan) -> String {
    let plan = compiled.plan
    var text = "\(plan.name): \(state(compiled)), format version \(CompiledPlan.formatVersion)\n"
    text += training(plan.training) + "\n"
    text +=
      Table(["task", "kind", "label column", "positive"], left: [1, 2, 3], plan.tasks) {
        let label = compiled.label(of: $0)
        return [
          $0.name, $0.kind.name, label?.column ?? "", label.map { positives($0.kind) } ?? "",
        ]
      }.text
    text += "\n"
    text +=
      Table(["feature", "column", "encoder", "rows"], left: [1, 2], plan.schema.features) {
        [$0.name, $0.column, EncoderText.text($0.encoder), $0.cardinality.map(Format.count) ?? ""]
      }.text
    text += "\n" + ComponentText.text(compiled.components) + "\n"
    text +=
      Table(
        ["program", "rows", "levels", "calls", "arena", "all buffers", "Mflop"], plan.programs
      ) {
        [
          $0.kind.rawValue, Format.count($0.batchCapacity), "\($0.levels.count)",
          "\($0.instructions.count)", Format.bytes($0.arenaBytes),
          Format.bytes($0.intermediateBytes),
          Format.fixed(Double($0.flops) / 1e6, 2),
        ]
      }.text
    text += "\n"
    for program in plan.programs {
      let kernels = program.kernels.map { "\($0.count) \($0.name)" }
      text += "\(program.kind.rawValue): \(kernels.joined(separator: ", "))\n"
    }
    text += "\n\(Format.count(compiled.weights)) weights in \(plan.parameters.count) parameters; "
    text += "\(Format.bytes(plan.memoryBytes)) of memory in a session\n"
    return text
  }

  private static func state(_ compiled: CompiledPlan) -> String {
    compiled.plan.progress.map { progress in
      progress.epoch < compiled.plan.training.epochs
        ? "checkpoint at step \(progress.step)"
        : "trained, with the optimizer's states after step \(progress.step)"
    }
      ?? (compiled.plan.weights == nil ? "compiled, not trained" : "trained")
  }

  private static func positives(_ kind: LabelSchema.Kind) -> String {
    switch kind {
    case .positives(let texts), .classes(let texts): texts.joined(separator: " | ")
    case .binary: "1"
    case .number: ""
    case .soft: "0 to 1"
    }
  }

  private static func training(_ settings: TrainingSettings) -> String {
    let parts = SettingsText.parts(settings)
    let options = parts.dropFirst().joined(separator: "; ")
    return "training: \(parts[0])\n" + (options.isEmpty ? "" : "          \(options)\n")
  }

  static func json(_ compiled: CompiledPlan) -> JSON {
    let plan = compiled.plan
    let tasks: [JSON] = plan.tasks.map {
      ["name": $0.name, "kind": $0.kind.name, "label": compiled.label(of: $0)?.column]
    }
    let features: [JSON] = plan.schema.features.map {
      [
        "name": $0.name, "column": $0.column, "encoder": EncoderText.text($0.encoder),
        "cardinality": $0.cardinality,
      ]
    }
    let programs: [JSON] = plan.programs.map {
      [
        "kind": $0.kind.rawValue, "batch_capacity": $0.batchCapacity, "levels": $0.levels.count,
        "instructions": $0.instructions.count, "arena_bytes": $0.arenaBytes,
        "intermediate_bytes": $0.intermediateBytes, "flops": $0.flops,
        "kernels": JSON.object($0.kernels.map { ($0.name, .integer($0.count)) }),
      ]
    }
    let parameters: [JSON] = plan.parameters.map { ["name": $0.name, "shape": $0.shape] }
    return [
      "name": plan.name, "format_version": CompiledPlan.formatVersion, "state": state(compiled),
      "tasks": tasks, "features": features, "programs": programs, "parameters": parameters,
      "components": ComponentText.json(compiled.components.root.children),
      "memory_bytes": plan.memoryBytes,
    ]
  }
}
