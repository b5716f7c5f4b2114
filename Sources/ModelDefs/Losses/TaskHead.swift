import GraphIR

/// A task's output, f32[B, 1] but for classes.
public enum TaskHead<Tensor> {
  /// The logit of a binary task, the value of a regression, the logits of classes f32[B, classes].
  case logit(Tensor)
  /// A probability that is a product of conditional ones.
  case product(ProbabilityProduct<Tensor>)
}

extension Emitter {
  /// The probability of a binary task, the value of a regression in the unit of its label, the
  /// probabilities of the classes.
  func prediction(
    _ task: TaskSpec, of head: TaskHead<Tensor>, _ prior: LabelPrior?
  ) throws -> Tensor {
    switch head {
    case .logit(let output):
      switch task.kind {
      case .binary:
        return try sigmoid(
          task.logitOffset == 0 ? output : add(output, constant(task.logitOffset)))
      case .multiclass: return try softmax(output)
      case .regression:
        guard let scale = task.labelScale(prior) else { return output }
        return try add(self.scale(output, by: scale.deviation), constant(scale.mean))
      }
    case .product(let product): return product.probability
    }
  }
}
