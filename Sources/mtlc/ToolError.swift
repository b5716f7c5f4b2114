import Data
import ModelDefs
import Plan
import Runtime

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

  var description: String { hint.map { "\(message) — \($0)" } ?? message }
}

extension ToolError {
  /// Any error as one with an exit code.
  init(_ error: any Error) {
    switch error {
    case let error as ToolError: self = error
    case let error as UsageError: self.init(.usage, error.message, hint: error.hint)
    case let error as SpecError: self.init(.spec, error.description)
    case let error as ModelError: self.init(.spec, error.description)
    case let error as DataError: self.init(.data, error.description)
    case let error as FileError: self.init(.output, error.description)
    case let error as PlanError: self.init(.plan, error.description)
    case let error as NumericError:
      self.init(
        .numeric, error.description,
        hint: "lower training.optimizer.learning_rate, or look for extreme numbers with mtlc check")
    case let error as EarlyStoppingError:
      self.init(.spec, "training.early_stopping.metric: \(error)")
    case let error as LinkError: self.init(.plan, error.description)
    case let error as FeedError: self.init(.data, error.description)
    default: self.init(.internalError, "\(error)", hint: "please report this")
    }
  }
}
