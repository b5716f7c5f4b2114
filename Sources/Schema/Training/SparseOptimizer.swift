/// The rule for embedding tables that are updated by rows: a step touches only the rows whose
/// gradient in it is not zero, neither weights nor states of the others. So nothing decays between
/// two uses of a row (the rules are lazy), and a penalty counts only when a row is used.
public struct SparseOptimizer: AnyOptimizer {
  public enum Kind: String, OptimizerKind {
    /// Adam on the rows that a step uses; the bias is corrected by the number of all steps.
    case lazyAdam = "lazy_adam"
    /// As Adagrad with one s a row, to which the mean of the row's g² is added. The sums are packed
    /// at the start of the table's place in the state.
    case rowwiseAdagrad = "rowwise_adagrad"
    /// s += g², p −= lr·g / (√s + ε).
    case adagrad
    /// p −= lr·g.
    case sgd
    /// FTRL-proximal (McMahan et al., KDD 2013): n' = n + g², z += g − p·(√n' − √n)/lr, n = n',
    /// p = 0 where |z| ≤ l1, else (sign(z)·l1 − z) / ((β + √n)/lr + l2). A row's first step sets z so
    /// that the rule gives the weights that it starts from.
    case ftrl

    public var rule: OptimizerRule {
      switch self {
      case .lazyAdam:
        OptimizerRule(
          "Adam on the rows that a step uses.", [.learningRate(0.001), .beta1, .beta2, .epsilon],
          startValues: { _ in [0, 0] })
      case .rowwiseAdagrad:
        OptimizerRule(
          "Adagrad with one sum of squared gradients a row.",
          [.learningRate(0.01), .initialAccumulator, .epsilon],
          startValues: { [$0.initialAccumulator] })
      case .adagrad:
        OptimizerRule(
          "Adagrad on the rows that a step uses.",
          [.learningRate(0.01), .initialAccumulator, .epsilon],
          startValues: { [$0.initialAccumulator] })
      case .sgd:
        OptimizerRule(
          "Stochastic gradient descent without momentum.", [.learningRate(0.01)],
          startValues: { _ in [] })
      case .ftrl:
        OptimizerRule(
          "FTRL-proximal (McMahan and others, KDD 2013).",
          [
            .learningRate(0.01), .initialAccumulator,
            Hyperparameter(
              .l1, default: 0, .notNegative, "Sum of absolute weights; makes small ones zero."),
            Hyperparameter(.l2, default: 0, .notNegative, "Half the sum of squared weights."),
            Hyperparameter(
              .beta, default: 1, .notNegative,
              "Added to the root of the sum of squared gradients."),
          ],
          startValues: { [0, $0.initialAccumulator] })
      }
    }
  }

  public var kind: Kind
  public var hyperparameters: Hyperparameters
  /// The names of the parameters that it moves.
  public var tables: [String]

  public init(kind: Kind) { self.init(kind: kind, learningRate: nil) }

  /// - Parameters:
  ///   - learningRate: nil for the default of the kind.
  ///   - others: The numbers that are not the defaults of the kind; those that it does not take are
  ///     ignored.
  public init(
    kind: Kind, learningRate: Double? = nil, _ others: [Hyperparameter.Name: Double] = [:],
    tables: [String] = []
  ) {
    self.kind = kind
    hyperparameters = Hyperparameters(kind.rule, learningRate: learningRate, others)
    self.tables = tables
  }
}
