import Schema

/// The keys of `training.optimizer` and `training.sparse_optimizer`, from what each kind declares.
public enum OptimizerKeys {
  static let dense = variants(
    of: Optimizer.Kind.self, noun: "optimizer", at: "training.optimizer", default: .adam)
  static let sparse = variants(
    of: SparseOptimizer.Kind.self, noun: "sparse optimizer", at: "training.sparse_optimizer",
    default: nil, common: [placement])

  /// Where the tables of `training.sparse_optimizer` are when several processes train.
  public static let placement = SpecKey<TablePlacement>.choice(
    "placement", default: .replicated,
    "Where tables are when several processes train (`--mpi`): whole at each of them, or row r of a table with"
      + " its states at process r mod n alone, for tables that one machine has no memory for. The results are"
      + " the same.")

  private static func variants<Kind: OptimizerKind>(
    of kinds: Kind.Type, noun: String, at place: String, default defaultKind: Kind?,
    common: [any AnySpecKey] = []
  ) -> SpecVariants {
    SpecVariants(
      noun: noun, at: place, defaultType: defaultKind?.rawValue, common: common,
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
    variants.read(node).flatMap { read($0.type, $0.section) }
  }

  /// The same of a section of variants.
  static func read<Rule: AnyOptimizer>(_ type: String, _ section: SectionReader) -> Rule? {
    guard let kind = Rule.Kind(rawValue: type) else { return nil }
    var optimizer = Rule(kind: kind)
    for number in kind.rule.hyperparameters {
      optimizer.hyperparameters[number.name] = section[key(number)]
    }
    return optimizer
  }
}
