import Experiments

/// A failure with its exit code and what to do about it.
struct ToolError: Error, CustomStringConvertible {
  var code: ExitCode
  var message: String
  var hint: String?

  init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// Any error as one with an exit code.
  init(_ error: any Error) {
    switch error {
    case let error as ToolError: self = error
    case let error as UsageError: self.init(.usage, error.message, hint: error.hint)
    default:
      let error = ExperimentError(error)
      self.init(ExitCode(error.kind), error.message, hint: error.hint)
    }
  }

  var description: String { hint.map { "\(message) — \($0)" } ?? message }
}
