/// A task's output, f32[B, 1] but for classes.
public enum TaskHead<Tensor> {
  /// The logit of a binary task, the value of a regression, the logits of classes f32[B, classes].
  case logit(Tensor)
  /// A probability that is a product of conditional ones.
  case product(ProbabilityProduct<Tensor>)
}
