import GraphIR

/// A task's output, f32[B, 1] but for classes.
package enum TaskHead<Tensor> {
  /// The logit of a binary task (two of them for `jrc`), the value of a regression, the logits of
  /// classes f32[B, classes].
  case logit(Tensor)
  /// A probability that is a product of conditional ones.
  case product(ProbabilityProduct<Tensor>)
}

extension Emitter {
  /// The mean μ and the scale 2σ of a regression's labels, f32[1] each, where it learns (y − μ)/2σ.
  ///
  /// Parameters `towers.<task>.label.mean` and `.deviation`, which are moved by nothing: a plan that
  /// goes on from another keeps the scale that its towers have learned.
  func labelScale(
    _ task: TaskSpec, _ prior: LabelPrior?
  ) throws -> (mean: Tensor, deviation: Tensor)? {
    guard let scale = task.labelScale(prior) else { return nil }
    func number(_ name: String, _ value: Double) throws -> Tensor {
      try parameter(
        Parameter(
          ParameterID(task.labelScaleParameter(name)), .f32(1), .constant(value),
          isTrainable: false))
    }
    return (try number("mean", scale.mean), try number("deviation", scale.deviations))
  }

  /// The probability of a binary task, the value of a regression in the unit of its label, the
  /// probabilities of the classes.
  package func prediction(
    _ task: TaskSpec, of head: TaskHead<Tensor>, _ prior: LabelPrior?
  ) throws -> Tensor {
    switch head {
    case .logit(let output):
      switch task.kind {
      case .binary:
        let logit = task.loss == .jrc ? try jointLogit(output) : output
        return try sigmoid(
          task.logitOffset == 0 ? logit : add(logit, constant(task.logitOffset)))
      case .multiclass: return try softmax(output)
      case .regression where task.loss == .ziln: return try zeroInflatedMean(output)
      case .regression:
        guard let scale = try labelScale(task, prior) else { return output }
        return try add(mul(output, scale.deviation), scale.mean)
      }
    case .product(let product): return product.probability
    }
  }
}
