/// Why bytes are not a plan that can be run.
public enum PlanError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes do not start as a plan does.
  case notAPlan
  /// A plan, but of a format that this program does not read.
  case otherVersion(found: UInt32, supported: ClosedRange<UInt32>)
  /// Fewer (or more) bytes than the plan says it has.
  case truncated(expected: UInt64, found: Int)
  /// The checksum or the structure does not hold.
  case damaged(String)
  /// Well-formed, but some offset, shape, index or lifetime does not hold.
  case invalid([PlanFinding])

  public var description: String {
    switch self {
    case .notAPlan:
      return "not a plan: the file does not start with the mark of a plan"
        + " — a plan is what `mtlc compile` or `mtlc run -o` writes"
    case .otherVersion(let found, let supported):
      let advice =
        found > supported.upperBound
        ? "use a newer mtlc, or compile the spec again with this one"
        : "compile the spec again with this mtlc"
      let versions =
        supported.count == 1
        ? "version \(supported.lowerBound)"
        : "versions \(supported.lowerBound) to \(supported.upperBound)"
      return "plan of format version \(found); this program reads \(versions) — \(advice)"
    case .truncated(let expected, let found):
      return UInt64(found) < expected
        ? "truncated plan: \(found) bytes of \(expected) — copy or compile it again"
        : "damaged plan: \(found) bytes, but it says it has \(expected) — copy or compile it again"
    case .damaged(let what):
      return "damaged plan: \(what) — copy or compile it again"
    case .invalid(let findings):
      let shown = findings.prefix(8).map(\.description).joined(separator: "\n  ")
      let more = findings.count > 8 ? "\n  … and \(findings.count - 8) more" : ""
      return "invalid plan, not run — compile it again:\n  \(shown)\(more)"
    }
  }
}

/// One thing that the validator found, and where.
public struct PlanFinding: Sendable, Hashable, CustomStringConvertible {
  /// The program it lies in; nil for what belongs to the whole plan.
  package var program: Program.Kind?
  /// The index of the instruction in the program.
  public var instruction: Int?
  public var message: String

  public var description: String {
    switch (program, instruction) {
    case (nil, _): "plan: \(message)"
    case (let program?, nil): "\(program.rawValue): \(message)"
    case (let program?, let index?): "\(program.rawValue)[\(index)]: \(message)"
    }
  }
}
