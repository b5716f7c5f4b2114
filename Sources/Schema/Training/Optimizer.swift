/// The optimizer: the rule that moves all parameters, and the one for tables that are updated by
/// rows where there is one. g below is the gradient plus λ·p, λ being the parameter's own penalty.
public struct Optimizer: AnyOptimizer {
  public enum Kind: String, OptimizerKind {
    /// p −= lr·g; with momentum μ: m = μ·m + g, p −= lr·m.
    case sgd
    /// m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², p −= lr · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
    /// at step t, counted from 1 (Kingma & Ba 2015, algorithm 1).
    case adam
    /// p −= lr·decay·p, then as Adam (Loshchilov & Hutter 2019).
    case adamw
    /// s += g², p −= lr·g / (√s + ε) (Duchi et al. 2011).
    case adagrad
    /// c = β₁m + (1−β₁)g, p −= lr·(sign(c) + decay·p), m = β₂m + (1−β₂)g (Chen et al. 2023,
    /// "Symbolic Discovery of Optimization Algorithms").
    case lion

    public var rule: OptimizerRule {
      switch self {
      case .sgd:
        OptimizerRule(
          "Stochastic gradient descent.",
          [
            .learningRate(0.01),
            Hyperparameter(
              .momentum, default: 0, .share, "The share of the last step that is taken again."),
          ],
          startValues: { $0.momentum == 0 ? [] : [0] })
      case .adam:
        OptimizerRule(
          "Adam (Kingma and Ba, 2015).", [.learningRate(0.001), .beta1, .beta2, .epsilon],
          startValues: { _ in [0, 0] })
      case .adamw:
        OptimizerRule(
          "Adam with decoupled weight decay (Loshchilov and Hutter, 2019).",
          [.learningRate(0.001), .beta1, .beta2, .epsilon, .weightDecay(0.01)],
          startValues: { _ in [0, 0] })
      case .adagrad:
        OptimizerRule(
          "Adagrad (Duchi, Hazan and Singer, 2011).",
          [.learningRate(0.01), .initialAccumulator, .epsilon],
          startValues: { [$0.initialAccumulator] })
      case .lion:
        OptimizerRule(
          "Lion: steps of one size, by the sign of a running mean (Chen and others, 2023).",
          [
            .learningRate(0.0001),
            Hyperparameter(
              .beta1, default: 0.9, .share,
              "The share of the running mean in what gives the sign; the rest is the gradient's."),
            Hyperparameter(
              .beta2, default: 0.99, .share, "Decay of the running mean of gradients."),
            .weightDecay(0),
          ],
          startValues: { _ in [0] })
      }
    }
  }

  public var kind: Kind
  public var hyperparameters: Hyperparameters
  /// Moves the tables that it names, instead of the rule above.
  public var sparse: SparseOptimizer?

  public init(kind: Kind) { self.init(kind: kind, learningRate: nil) }

  /// - Parameters:
  ///   - learningRate: nil for the default of the kind.
  ///   - others: The numbers that are not the defaults of the kind; those that it does not take are
  ///     ignored.
  public init(
    kind: Kind = .adam, learningRate: Double? = nil, _ others: [Hyperparameter.Name: Double] = [:],
    sparse: SparseOptimizer? = nil
  ) {
    self.kind = kind
    hyperparameters = Hyperparameters(kind.rule, learningRate: learningRate, others)
    self.sparse = sparse
  }

  /// The blocks of optimizer state beside the parameters, of which tables may use others than the
  /// rest.
  public var stateBlocks: Int { max(stateCount, sparse?.stateCount ?? 0) }

  /// Numbers that a state has for each row of a parameter.
  package func stateColumns(of parameter: String, columns: Int) -> Int {
    guard let sparse, sparse.kind == .rowwiseAdagrad, sparse.tables.contains(parameter) else {
      return columns
    }
    return 1
  }
}
