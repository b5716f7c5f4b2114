import GraphIR

/// A task's output, f32[B, 1] but for classes.
public enum TaskHead<Tensor> {
  /// The logit of a binary task, the value of a regression, the logits of classes f32[B, classes].
  case logit(Tensor)
  /// A probability that is a product of conditional ones.
  case product(ProbabilityProduct<Tensor>)
}

extension Emitter {
  /// The probability of a binary task, the value of a regression, the probabilities of the classes.
  func prediction(_ task: TaskSpec, of head: TaskHead<Tensor>) throws -> Tensor {
    switch head {
    case .logit(let output):
      task.isBinary ? try sigmoid(output) : task.isMulticlass ? try softmax(output) : output
    case .product(let product): product.probability
    }
  }
}
