import Experiments
import Schema

/// What the modes differ by.
enum ComparisonText {
  static func text(_ comparison: Comparison) -> String {
    let (report, tolerance) = (comparison.report, comparison.tolerance)
    let unit = report.choices == nil ? "step" : "meta step"
    var text = "\(comparison.name): eager and static against double precision, "
    text += "\(report.steps) \(unit)s\n\n"
    text +=
      Table(["", "eager", "static", "allowed", "at step", ""], left: [0, 5], report.entries) {
        entry in
        let limit = tolerance ?? entry.bound
        return [
          entry.kind == .loss ? entry.name : "\(entry.kind.rawValue) \(entry.name)",
          Format.scientific(entry.eager), Format.scientific(entry.compiled),
          Format.scientific(limit), "\(entry.step)", entry.distance <= limit ? "" : "← too far",
        ]
      }.text
    let parts = ComparisonReport.Entry.Kind.allCases.compactMap { kind in
      report.worst(kind, tolerance).map {
        "\(kind.rawValue) \(Format.scientific($0.eager)) eager, "
          + "\(Format.scientific($0.compiled)) static of "
          + "\(Format.scientific(tolerance ?? $0.bound)) allowed"
      }
    }
    text += "\nnearest to its limit: \(parts.joined(separator: "; "))\n"
    text += comparison.agrees ? "the modes agree\n" : "the modes do NOT agree\n"
    if !report.entries.allSatisfy(\.distance.isFinite) {
      text += "there are numbers that are not finite: mtlc train says what they come from\n"
    }
    if !comparison.isExact {
      text += "products were taken in full precision; training.matmul_precision is left out\n"
    }
    if report.replacedRows > 0 {
      text += "\(report.replacedRows) rows within rounding of a kink were replaced by others\n"
    }
    if let choices = report.choices {
      text +=
        "\(Format.count(choices.differing)) of \(Format.count(choices.count)) choices at kinks"
      text += " (relu, largest of a window) differ, "
      text += "the farthest \(Format.scientific(choices.farthest)) from a tie; "
      text += "gradients are taken at the same choices\n"
    }
    if report.staticSeconds > 0 {
      let steps = Double(max(1, report.timedSteps))
      let (eager, compiled) = (report.eagerSeconds / steps, report.staticSeconds / steps)
      text += "a \(unit) takes \(time(eager)) eager, \(time(compiled)) static: "
      text += "\(Format.fixed(eager / compiled, 1)) times as fast\n"
    }
    return text
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 0.01
      ? "\(Format.fixed(1e6 * seconds, 0)) µs" : "\(Format.fixed(1e3 * seconds, 1)) ms"
  }

  static func json(_ comparison: Comparison) -> JSON {
    let report = comparison.report
    let entries: [JSON] = report.entries.map {
      [
        "kind": $0.kind.rawValue, "name": $0.name, "eager": $0.eager, "static": $0.compiled,
        "allowed": comparison.tolerance ?? $0.bound, "step": $0.step,
      ]
    }
    let choices: JSON? = report.choices.map {
      ["count": $0.count, "differing": $0.differing, "farthest": $0.farthest]
    }
    return [
      "steps": report.steps, "tolerance": comparison.tolerance, "agree": comparison.agrees,
      "replaced_rows": report.replacedRows,
      "entries": entries,
    ] + choices.map { ["choices": $0] }
      + ["eager_seconds": report.eagerSeconds, "static_seconds": report.staticSeconds]
  }
}
