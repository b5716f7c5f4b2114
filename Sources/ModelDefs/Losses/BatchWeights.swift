import GraphIR
import Schema
import TensorTypes

/// What a micro-batch knows of its batch: the parameter `MicroBatches.weightsParameter`, which is set before
/// each of them.
package struct BatchWeights<E: Emitter> {
  private let emitter: E
  private let numbers: E.Tensor
  private let taskCount: Int

  package init(_ taskCount: Int, on emitter: E) throws {
    self.emitter = emitter
    self.taskCount = taskCount
    numbers = try emitter.parameter(
      Parameter(
        ParameterID(MicroBatches.weightsParameter), .f32(.fixed(taskCount + 1)), .constant(0),
        isTrainable: false))
  }

  private func number(_ place: Int) throws -> E.Tensor {
    try emitter.reshape(emitter.slice(numbers, axis: 0, place..<place + 1), .scalar)
  }

  /// The sum of a task's weights over the rows of the batch, times the share of them that are here, f32[].
  func total(of task: Int) throws -> E.Tensor { try number(task) }

  /// The rows of the batch, f32[].
  var rows: E.Tensor { get throws { try number(taskCount) } }
}
