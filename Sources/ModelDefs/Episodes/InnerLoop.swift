/// Gradient descent on the support set of a task.
public struct InnerLoop: Sendable, Hashable {
  public var steps: Int
  /// Steps in evaluation.
  public var evaluationSteps: Int
  public var learningRate: Double
  /// 1: the meta gradient takes the inner gradients for constants; 2: it goes through them.
  public var order: Int

  public init(steps: Int, evaluationSteps: Int, learningRate: Double, order: Int) {
    self.steps = steps
    self.evaluationSteps = evaluationSteps
    self.learningRate = learningRate
    self.order = order
  }
}
