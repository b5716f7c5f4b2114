import Experiments
import Runtime

extension MetaComparison {
  func text(_ name: String, limit: Double) -> String {
    var text = "\(name): eager against static, \(steps) meta steps\n\n"
    var table = Table(["", "largest relative difference", "at step", ""], left: [0, 3])
    for entry in entries {
      let mark = entry.difference <= limit ? "" : "← above \(Format.scientific(limit))"
      table.rows.append([
        entry.kind == "loss" ? "loss" : "\(entry.kind) \(entry.name)",
        Format.scientific(entry.difference), "\(entry.step)", mark,
      ])
    }
    let parts = Self.kinds.map { "\($0) \(Format.scientific(largest($0)))" }
    text += table.text + "\nlargest: \(parts.joined(separator: ", ")); allowed "
    text += "\(Format.scientific(limit)): "
    text += agrees(limit) ? "the modes agree\n" : "the modes do NOT agree\n"
    text += "\(Format.count(choices.differing)) of \(Format.count(choices.count)) choices at kinks"
    text += " (relu, largest of a window) differ, "
    text += "the farthest \(Format.scientific(choices.farthest)) from a tie; "
    text += "gradients are taken at the same choices\n"
    let count = Double(max(1, steps))
    text += "a meta step takes \(Format.fixed(1e3 * eagerSeconds / count, 0)) ms eager, "
    text += "\(Format.fixed(1e3 * staticSeconds / count, 1)) ms static\n"
    return text
  }

  func json(limit: Double) -> JSON {
    .object([
      ("steps", .integer(steps)), ("tolerance", .number(limit)), ("agree", .bool(agrees(limit))),
      ("largest", .object(Self.kinds.map { ($0, .number(largest($0))) })),
      (
        "entries",
        .array(
          entries.map {
            .object([
              ("kind", .string($0.kind)), ("name", .string($0.name)),
              ("difference", .number($0.difference)), ("step", .integer($0.step)),
            ])
          })
      ),
      (
        "choices",
        .object([
          ("count", .integer(choices.count)), ("differing", .integer(choices.differing)),
          ("farthest", .number(choices.farthest)),
        ])
      ),
      ("eager_seconds", .number(eagerSeconds)), ("static_seconds", .number(staticSeconds)),
    ])
  }
}
