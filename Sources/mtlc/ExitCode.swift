import Experiments

/// What a run of the tool ends with. `mtlc help exit-codes` prints this table.
package enum ExitCode: Int32, CaseIterable {
  case success = 0
  case internalError = 1
  case usage = 2
  case spec = 3
  case data = 4
  case numeric = 5
  case plan = 6
  case output = 7
  case memory = 8
  case interrupted = 9

  package init(_ kind: ExperimentError.Kind) {
    self =
      switch kind {
      case .argument: .usage
      case .spec: .spec
      case .data: .data
      case .numeric: .numeric
      case .plan: .plan
      case .output: .output
      case .memory: .memory
      case .interrupted: .interrupted
      case .internalError: .internalError
      }
  }

  var meaning: String {
    switch self {
    case .success: "done"
    case .internalError: "a mistake in mtlc itself"
    case .usage: "the command line is wrong: unknown option, missing argument, bad value"
    case .spec: "the spec cannot be used: unknown key, wrong type, sizes that do not fit"
    case .data: "input rows cannot be used: missing file or column, ragged row, bad number"
    case .numeric: "the numbers went wrong: a loss that is not finite, modes that disagree"
    case .plan:
      "the plan cannot be used: not a plan, damaged, other version, invalid, other weights"
    case .output: "a result could not be written: no permission, disk full, folder in use"
    case .memory: "the run needs more memory than the machine has, or than its limits allow"
    case .interrupted: "training was asked to stop and left a checkpoint to go on from"
    }
  }

  static var table: String {
    allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
  }
}
