import Schema

/// The keys of `training.optimizer` and `training.sparse_optimizer`, from what each kind declares.
public enum OptimizerKeys {
  static let dense = variants(
    of: Optimizer.Kind.self, noun: "optimizer", "The rule that moves the parameters.",
    default: .adam)
  static let sparse = variants(
    of: SparseOptimizer.Kind.self, noun: "sparse optimizer",
    "The rule for embedding tables, row by row.", default: nil)

  private static func variants<Kind: OptimizerKind>(
    of kinds: Kind.Type, noun: String, _ documentation: String, default defaultKind: Kind?
  ) -> SpecVariants {
    let place = noun.replacing(" ", with: "_")
    return SpecVariants(
      noun: noun, documentation: documentation, defaultType: defaultKind?.rawValue, common: [],
      variants: Kind.allCases.map { kind in
        (
          kind.rawValue,
          SpecSection(
            "training.\(place) of type \"\(kind.rawValue)\"", kind.rule.documentation,
            keys: kind.rule.hyperparameters.map(key))
        )
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
