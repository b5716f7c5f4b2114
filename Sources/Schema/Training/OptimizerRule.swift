/// What is known of the rule of an optimizer beside its formula.
public struct OptimizerRule: Sendable {
  /// One sentence for the reference of spec keys.
  public var documentation: String
  /// The numbers it takes, in the order of the reference.
  public var hyperparameters: [Hyperparameter]
  /// What each of the states that it keeps beside a weight starts from.
  public var startValues: @Sendable (Hyperparameters) -> [Double]

  init(
    _ documentation: String, _ hyperparameters: [Hyperparameter],
    startValues: @escaping @Sendable (Hyperparameters) -> [Double]
  ) {
    self.documentation = documentation
    self.hyperparameters = hyperparameters
    self.startValues = startValues
  }
}

/// The kinds of an optimizer. The raw value is the type in a spec and the name in a plan file.
public protocol OptimizerKind: Sendable, Hashable, CaseIterable, RawRepresentable<String> {
  var rule: OptimizerRule { get }
}

/// A rule with its numbers: `Optimizer`, or `SparseOptimizer` for tables that are updated by rows.
/// The numbers are also members: `optimizer.learningRate`.
@dynamicMemberLookup
public protocol AnyOptimizer: Sendable, Hashable {
  associatedtype Kind: OptimizerKind
  var kind: Kind { get }
  var hyperparameters: Hyperparameters { get set }
  /// With the defaults of the kind.
  init(kind: Kind)
}

extension AnyOptimizer {
  public subscript(dynamicMember path: WritableKeyPath<Hyperparameters, Double>) -> Double {
    get { hyperparameters[keyPath: path] }
    set { hyperparameters[keyPath: path] = newValue }
  }

  /// What each state starts from; there is one number of each beside every weight.
  public var startValues: [Double] { kind.rule.startValues(hyperparameters) }

  /// How many numbers the optimizer keeps beside each weight.
  public var stateCount: Int { startValues.count }
}

extension Hyperparameters {
  /// The defaults of a rule, except for those given.
  init(_ rule: OptimizerRule, learningRate: Double?, _ given: [Hyperparameter.Name: Double]) {
    self.init()
    for number in rule.hyperparameters {
      self[number.name] = given[number.name] ?? number.defaultValue
    }
    if let learningRate { self.learningRate = learningRate }
  }
}
