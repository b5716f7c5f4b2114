/// The rule for embedding tables that are updated by rows: a step touches only the rows whose
/// gradient in it is not zero, neither weights nor states of the others. So nothing decays between
/// two uses of a row (the rules are lazy), and a penalty counts only when a row is used.
public struct SparseOptimizer: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// p −= lr·g.
    case sgd
    /// Adam on the rows touched; the bias is corrected by the number of all steps.
    case lazyAdam = "lazy_adam"
    /// s += g², p −= lr·g/(√s + ε).
    case adagrad
    /// As Adagrad with one s a row, to which the mean of the row's g² is added.
    case rowwiseAdagrad = "rowwise_adagrad"
    /// FTRL-proximal (McMahan et al., KDD 2013). A row's first step sets z so that the rule gives
    /// the weights that it starts from.
    case ftrl
  }
  public var kind: Kind
  public var learningRate: Double
  /// lazyAdam.
  public var beta1: Double
  public var beta2: Double
  /// lazyAdam and both Adagrads.
  public var epsilon: Double
  /// Where s starts: both Adagrads, and n of FTRL.
  public var initialAccumulator: Double
  /// ftrl.
  public var l1: Double
  public var l2: Double
  public var beta: Double
  /// The names of the parameters that it moves.
  public var tables: [String]

  public init(
    kind: Kind, learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, initialAccumulator: Double = 0.1, l1: Double = 0, l2: Double = 0,
    beta: Double = 1, tables: [String] = []
  ) {
    self.kind = kind
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
    self.l1 = l1
    self.l2 = l2
    self.beta = beta
    self.tables = tables
  }

  /// How many optimizer states a table has; under rowwiseAdagrad one number a row, packed at the
  /// start of the table's place.
  public var stateCount: Int {
    switch kind {
    case .sgd: 0
    case .adagrad, .rowwiseAdagrad: 1
    case .lazyAdam, .ftrl: 2
    }
  }

  /// What state `k` starts from.
  public func initialState(_ k: Int) -> Double {
    switch kind {
    case .adagrad, .rowwiseAdagrad: initialAccumulator
    case .ftrl: k == 1 ? initialAccumulator : 0
    case .sgd, .lazyAdam: 0
    }
  }
}
