import Experiments

/// What the modes differ by.
enum ComparisonText {
  static func text(_ report: ComparisonReport) -> String {
    let (limit, agrees) = (report.tolerance, report.agrees)
    var text = "\(report.name): eager against static, \(report.steps) steps\n\n"
    var table = Table(["", "largest relative difference", "at step", ""], left: [0, 3])
    for entry in report.entries {
      let name = entry.kind == .loss ? entry.name : "\(entry.kind.rawValue) \(entry.name)"
      let mark = entry.difference <= limit ? "" : "← above \(Format.scientific(limit))"
      table.rows.append([name, Format.scientific(entry.difference), "\(entry.step)", mark])
    }
    text += table.text + "\n"
    let parts = report.largest.map { "\($0.kind) \(Format.scientific($0.difference))" }
    text += "largest: \(parts.joined(separator: ", ")); allowed \(Format.scientific(limit)): "
    text += agrees ? "the modes agree\n" : "the modes do NOT agree\n"
    if !report.isExact {
      text += "products were taken in full precision; training.matmul_precision is left out\n"
    }
    if report.replacedRows > 0 {
      text += "\(report.replacedRows) rows within rounding of a kink were replaced by others\n"
    }
    if report.alignedElements > 0 {
      text += "\(report.alignedElements) elements with a gradient of nothing but rounding were "
      text += "given the same value in both modes\n"
    }
    if report.staticSeconds > 0 {
      text +=
        "a step takes \(Format.fixed(1e6 * report.eagerSeconds / timed(report), 0)) µs eager, "
      text += "\(Format.fixed(1e6 * report.staticSeconds / timed(report), 0)) µs static: "
      text += "\(Format.fixed(report.eagerSeconds / report.staticSeconds, 1)) times as fast\n"
    }
    return text
  }

  private static func timed(_ report: ComparisonReport) -> Double {
    Double(max(1, report.steps - 1))
  }

  static func json(_ report: ComparisonReport) -> JSON {
    .object([
      ("steps", .integer(report.steps)), ("tolerance", .number(report.tolerance)),
      ("agree", .bool(report.agrees)),
      ("replaced_rows", .integer(report.replacedRows)),
      ("aligned_elements", .integer(report.alignedElements)),
      (
        "largest",
        .object(
          report.largest.map { ($0.kind, .number($0.difference)) })
      ),
      (
        "entries",
        .array(
          report.entries.map {
            .object([
              ("kind", .string($0.kind.rawValue)), ("name", .string($0.name)),
              ("difference", .number($0.difference)), ("step", .integer($0.step)),
            ])
          })
      ),
      ("eager_seconds", .number(report.eagerSeconds)),
      ("static_seconds", .number(report.staticSeconds)),
    ])
  }
}
