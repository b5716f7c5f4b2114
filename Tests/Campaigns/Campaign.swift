/// A search for inputs under which the project traps, hangs, takes more memory than it says or gives
/// a wrong result. Each case follows from one seed; the cases run in child processes, so that one
/// that traps ends nothing else.
///
/// To add a campaign: one file with a type that conforms, and its entry in `campaigns`.
protocol Campaign: SendableMetatype {
  /// As the command line names it.
  static var name: String { get }
  static var summary: String { get }
  static var limits: CaseLimits { get }

  /// Loads what the cases start from; makes it in the folder where it is not there yet. The parent
  /// does that before its first child.
  init(folder: String) throws

  /// Runs one case: all that it does follows from `test.random`.
  /// - Returns: How it ended, as the table counts it: `refused: damaged`.
  /// - Throws: `Fault` for a wrong result; any other error counts as a fault too.
  mutating func run(_ test: inout Case) throws -> String
}

/// The campaigns that there are.
let campaigns: [any Campaign.Type] = [
  PlanCampaign.self, InputCampaign.self, SpecCampaign.self, FaultCampaign.self, KillCampaign.self,
]

/// What a case may take before it counts as a fault.
struct CaseLimits {
  /// Seconds of processor time. A case that waits may take ten times as many seconds by the clock.
  var seconds = 5
  /// Address space of a child, in MiB; nil sets no limit.
  var memory: Int?
}

/// One case.
struct Case {
  var random: Random
  /// Whether what is done is printed, as when one case is run alone.
  let isTold: Bool

  func note(_ text: @autoclosure () -> String) {
    if isTold { say("  \(text())") }
  }
}

/// A wrong result.
struct Fault: Error, CustomStringConvertible {
  var description: String
}
