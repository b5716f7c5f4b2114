import Data
import Export
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import Transport

/// Why an experiment could not be made or run: what went wrong, of which kind it is, and what to do
/// about it. Every error of the libraries below can be turned into one.
public struct ExperimentError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// A request that names something that there is not, as a pass.
    case argument
    /// The spec: an unknown key, a wrong type, sizes that do not fit.
    case spec
    /// Input rows: a missing file or column, a ragged row, a bad number.
    case data
    /// A loss or a parameter that is not finite.
    case numeric
    /// The plan: not a plan, damaged, of another version, invalid, or of the wrong use.
    case plan
    /// A result that could not be written.
    case output
    /// More memory than the machine has, or its container or a limit of the process allows.
    case memory
    /// Training was asked to stop.
    case interrupted
    /// A mistake in this library.
    case internalError
  }

  public var kind: Kind
  public var message: String
  public var hint: String?

  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Any error as one with a kind. What no rule knows is a mistake in the library.
  public init(_ error: any Error) {
    switch error {
    case let error as ExperimentError: self = error
    case let error as PassNameError: self.init(.argument, error.description)
    case let error as SpecError: self.init(.spec, error.description)
    case let error as ModelError: self.init(.spec, error.description)
    case let error as EarlyStoppingError:
      self.init(.spec, "training.early_stopping.metric: \(error)")
    case let error as DataError: self.init(.data, error.description)
    case let error as FeedError: self.init(.data, error.description)
    case let error as MemoryShortage: self.init(.memory, error.message, hint: error.hint)
    case let error as FileError: self.init(.output, error.description)
    case let error as SpillError: self.init(.output, error.description)
    case let error as PlanError: self.init(.plan, error.description)
    case let error as ExportError: self.init(.plan, error.message, hint: error.hint)
    case let error as TransportError: self.init(Self.kind(of: error), error.description)
    case let error as EpisodePlanError: self.init(.plan, error.description)
    case let error as LinkError:
      self.init(error.isShortage ? .memory : .plan, error.description)
    case let error as SessionError: self.init(.plan, error.description)
    case let error as NumericError:
      self.init(.numeric, error.description, hint: error.remedy)
    // `PassError`, `LoweringError` and whatever else comes out of the compiler.
    default: self.init(.internalError, "\(error)", hint: "please report this")
    }
  }

  private static func kind(of error: TransportError) -> Kind {
    switch error {
    case .noLibrary, .notLaunched, .otherLauncher, .noFunction: .argument
    case .workers: .spec
    case .ended: .interrupted
    case .failed, .mismatch: .internalError
    }
  }

  /// `message — hint`, printable and of bounded length.
  public var description: String {
    MessageText.message(hint.map { "\(message) — \($0)" } ?? message)
  }

  /// Runs the body; what it throws comes out as an `ExperimentError`.
  static func wrap<Value>(_ body: () throws -> Value) throws(ExperimentError) -> Value {
    do { return try body() } catch { throw ExperimentError(error) }
  }
}
