import GraphIR

/// Gradient descent on the support set of a task.
package struct InnerLoop: Sendable, Hashable {
  package var steps: Int
  /// Steps in evaluation.
  package var evaluationSteps: Int
  package var learningRate: Double
  /// 1: the meta gradient takes the inner gradients for constants; 2: it goes through them.
  package var order: Int

  package init(steps: Int, evaluationSteps: Int, learningRate: Double, order: Int) {
    self.steps = steps
    self.evaluationSteps = evaluationSteps
    self.learningRate = learningRate
    self.order = order
  }

  /// Adapts to a task: a training emitter takes the steps of training and allows for gradients through
  /// them.
  /// - Parameter loss: Emits the loss on the support set with the weights as they stand.
  func adapt<E: DifferentiableEmitter>(
    _ e: AdaptedEmitter<E>, _ loss: () throws -> E.Tensor
  ) throws {
    for _ in 0..<(e.isTraining ? steps : evaluationSteps) {
      try e.descend(
        on: loss(), rate: learningRate, createGraph: e.isTraining && order == 2)
    }
  }
}
