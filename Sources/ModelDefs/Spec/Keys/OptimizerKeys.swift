import Schema

/// The keys of `training.optimizer` and `training.sparse_optimizer`, from what each kind declares.
public enum OptimizerKeys {
  static let dense = variants(
    of: Optimizer.Kind.self, noun: "optimizer", at: "training.optimizer", default: .adam)
  static let sparse = variants(
    of: SparseOptimizer.Kind.self, noun: "sparse optimizer", at: "training.sparse_optimizer",
    default: nil)

  private static func variants<Kind: OptimizerKind>(
    of kinds: Kind.Type, noun: String, at place: String, default defaultKind: Kind?
  ) -> SpecVariants {
    SpecVariants(
      noun: noun, at: place, defaultType: defaultKind?.rawValue,
      Kind.allCases.map { kind in
        (kind.rawValue, kind.rule.documentation, kind.rule.hyperparameters.map(key))
      })
  }

  private static func key(_ number: Hyperparameter) -> SpecKey<Double> {
    .number(
      number.name.rawValue, default: number.defaultValue, bounds(number.bound),
      number.documentation)
  }

  private static func bounds(_ bound: Hyperparameter.Bound) -> NumberBounds {
    switch bound {
    case .positive: .positive
    case .notNegative: .notNegative
    case .share: .share
    }
  }

  /// The optimizer that an object of these keys describes; nil when its type could not be made out.
  static func read<Rule: AnyOptimizer>(_ node: SpecNode, _ variants: SpecVariants) -> Rule? {
    guard let (type, section) = variants.read(node), let kind = Rule.Kind(rawValue: type)
    else { return nil }
    var optimizer = Rule(kind: kind)
    for number in kind.rule.hyperparameters {
      optimizer.hyperparameters[number.name] = section[key(number)]
    }
    return optimizer
  }
}
