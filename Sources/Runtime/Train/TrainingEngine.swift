import Plan
import Schema

/// What trains a model and predicts with it: a compiled plan, or the eager engine.
///
/// A step is: write the rows to `destinations`, then `train` or `predict`, then read the losses or
/// predictions.
public protocol TrainingEngine: AnyObject {
  var tasks: [TaskRecord] { get }
  /// Training steps done so far.
  var step: Int { get }
  /// The most rows of one step.
  func capacity(_ purpose: EnginePurpose) -> Int
  /// Where to write each of a source's feeds; nil for feeds that the model does not read. The
  /// addresses stay valid while the engine lives and hold `capacity` rows.
  ///
  /// Throws `FeedError` when the model reads a feed that the source does not have.
  func destinations(for feeds: [FeedLayout.Feed], _ purpose: EnginePurpose) throws
    -> [UnsafeMutableRawPointer?]

  /// The size of the optimizer's steps from the next one on.
  var learningRate: Double { get set }
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
  /// Writes a task's last predictions, `rows` times the task's width of them.
  func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>)

  /// In the order of their declaration.
  var parameterNames: [String] { get }
  /// A parameter's values, row-major in its declared shape.
  func parameter(_ name: String) throws -> [Float]
  /// Replaces a parameter's values.
  func setParameter(_ name: String, _ values: [Float]) throws

  /// The parameters alone, whatever their size, to come back to; those that training does not move
  /// by gradients included.
  func copyParameters() throws -> EngineSnapshot
  /// Goes back to those values; steps and optimizer states stay.
  func restoreParameters(_ snapshot: EngineSnapshot) throws
  /// All that a step changes, to come back to; nil when that is too much to keep a copy of.
  func snapshot() -> EngineSnapshot?
  func restore(_ snapshot: EngineSnapshot) throws
  /// The training step on the rows that were written, slowly, looking for the first value that is
  /// not finite.
  /// - Returns: where it arose, nil when all are finite.
  func trainLookingForNonFinite(rows: Int) throws -> String?
  /// The first parameter that holds a value that is not finite.
  func nonFiniteParameter() -> String?
}

public enum EnginePurpose: Sendable, Hashable {
  case train, predict
}

/// All that a training step changes.
public struct EngineSnapshot: Sendable, Hashable {
  public var step: Int
  /// By parameter or block, as its engine names them.
  public var values: [String: [Float]]

  public init(step: Int, values: [String: [Float]]) {
    self.step = step
    self.values = values
  }
}

/// A source that does not fit the model.
public enum FeedError: Error, Sendable, Hashable, CustomStringConvertible {
  case missing(String)
  case mismatch(name: String, width: Int, expected: Int)
  case type(name: String)

  public var description: String {
    switch self {
    case .missing(let name): "the data has no feed '\(name)', which the model reads"
    case .mismatch(let name, let width, let expected):
      "feed '\(name)' has \(width) columns, the model reads \(expected)"
    case .type(let name): "feed '\(name)' has another element type than the model reads"
    }
  }
}
