import Plan
import Schema
import Transport

/// What trains a model on rows and predicts with it: a compiled plan, or the eager engine.
///
/// A step is: write the rows to `destinations`, then `train` or `predict`, then read the losses or
/// predictions.
package protocol TrainingEngine: ParameterEngine {
  var tasks: [TaskRecord] { get }
  /// The most rows of one step.
  func capacity(_ purpose: ProgramPurpose) -> Int
  /// Where to write each of a source's feeds; nil for feeds that the model does not read. The
  /// addresses stay valid while the engine lives and hold `capacity` rows.
  ///
  /// Throws `FeedError` when the model reads a feed that the source does not have.
  func destinations(for feeds: [FeedLayout.Feed], _ purpose: ProgramPurpose) throws
    -> [UnsafeMutableRawPointer?]

  /// One step on the rows that were written.
  func train(rows: Int) throws
  /// The loss of the last training step.
  var loss: Float { get }
  /// A task's part of it, before the task's weight; nil for a task that has none.
  func loss(task: Int) -> Float?
  /// The factor that the task's loss, or its gradient by the shared parameters, had in the last
  /// training step beside the spec's weight; nil for a task whose factor is always 1.
  func weight(task: Int) -> Float?

  func predict(rows: Int) throws
  /// Takes part in a prediction of other workers that predict once more than this one.
  func joinPrediction() throws
  /// Writes a task's last predictions, `rows` times the task's width of them.
  func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>)

  /// The workers that train with this one, of which each has an engine like it; nil for one alone.
  var workers: (any Transport)? { get }

  /// The training step on the rows that were written, slowly, looking for the first value that is
  /// not finite.
  /// - Returns: where it arose, nil when all are finite.
  func trainLookingForNonFinite(rows: Int) throws -> String?
}

extension TrainingEngine {
  package var workers: (any Transport)? { nil }
  package func joinPrediction() throws {}
}

/// A source that does not fit the model.
package enum FeedError: Error, Sendable, Hashable, CustomStringConvertible {
  case missing(String)
  case mismatch(name: String, width: Int, expected: Int)
  case type(name: String)

  package var description: String {
    switch self {
    case .missing(let name): "the data has no feed '\(name)', which the model reads"
    case .mismatch(let name, let width, let expected):
      "feed '\(name)' has \(width) columns, the model reads \(expected)"
    case .type(let name): "feed '\(name)' has another element type than the model reads"
    }
  }
}
