import TensorTypes

/// What models, layers and losses are written against. The graph builder answers every op with a
/// value of the graph; the eager engine computes it at once.
public protocol Emitter: AnyObject {
  associatedtype Tensor

  /// Adds an op.
  /// - Throws: `TypeError` when the operands do not fit.
  func emit(_ op: Op, _ operands: [Tensor]) throws -> [Tensor]

  func type(of tensor: Tensor) -> TensorType

  /// Declares a parameter and reads it. Declaring it again with the same type reads it again (that
  /// is how parameters are shared); another type is an error.
  func parameter(_ parameter: Parameter) throws -> Tensor

  /// A fresh number for a stream of random numbers, counted from 0 in the order of the calls.
  func makeRandomStream() -> Int

  /// Whether the program is for training (dropout drops, batch statistics are used).
  var isTraining: Bool { get }

  /// Names a value that a run hands out.
  func output(_ name: String, _ tensor: Tensor) throws
}
