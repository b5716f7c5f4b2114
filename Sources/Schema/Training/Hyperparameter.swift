/// A number that the rule of an optimizer takes, as a spec gives it.
public struct Hyperparameter: Sendable {
  /// The raw value is the key in a spec and the name in a plan file.
  public enum Name: String, Sendable, CaseIterable {
    case learningRate = "learning_rate"
    case momentum, beta1, beta2, epsilon
    case weightDecay = "weight_decay"
    case initialAccumulator = "initial_accumulator"
    case l1, l2, beta
  }

  /// What the number may be.
  public enum Bound: Sendable {
    case positive, notNegative
    /// 0 ≤ x < 1.
    case share
  }

  public var name: Name
  public var defaultValue: Double
  public var bound: Bound
  public var documentation: String

  public init(
    _ name: Name, default value: Double, _ bound: Bound, _ documentation: String
  ) {
    self.name = name
    defaultValue = value
    self.bound = bound
    self.documentation = documentation
  }

  // MARK: Those that several rules take

  static func learningRate(_ value: Double) -> Self {
    Self(.learningRate, default: value, .positive, "The step size.")
  }
  static let beta1 = Self(.beta1, default: 0.9, .share, "Decay of the running mean of gradients.")
  static let beta2 = Self(
    .beta2, default: 0.999, .share, "Decay of the running mean of squared gradients.")
  static let epsilon = Self(.epsilon, default: 1e-8, .positive, "Added to the denominator.")
  static func weightDecay(_ value: Double) -> Self {
    Self(
      .weightDecay, default: value, .notNegative,
      "The share of a weight that a step of size 1 takes off, apart from the gradient.")
  }
  static let initialAccumulator = Self(
    .initialAccumulator, default: 0.1, .notNegative,
    "Where the sum of squared gradients starts.")
}

/// The numbers of an optimizer. Those that its rule does not take are 0.
public struct Hyperparameters: Sendable, Hashable {
  /// lr, before a schedule.
  public var learningRate = 0.0
  public var momentum = 0.0
  public var beta1 = 0.0
  public var beta2 = 0.0
  public var epsilon = 0.0
  public var weightDecay = 0.0
  public var initialAccumulator = 0.0
  public var l1 = 0.0
  public var l2 = 0.0
  public var beta = 0.0

  public init() {}

  public subscript(name: Hyperparameter.Name) -> Double {
    get { self[keyPath: Self.path(name)] }
    set { self[keyPath: Self.path(name)] = newValue }
  }

  private static func path(_ name: Hyperparameter.Name) -> WritableKeyPath<Self, Double> {
    switch name {
    case .learningRate: \.learningRate
    case .momentum: \.momentum
    case .beta1: \.beta1
    case .beta2: \.beta2
    case .epsilon: \.epsilon
    case .weightDecay: \.weightDecay
    case .initialAccumulator: \.initialAccumulator
    case .l1: \.l1
    case .l2: \.l2
    case .beta: \.beta
    }
  }
}
