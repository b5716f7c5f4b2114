import Schema
import Testing

/// The numbers that each optimizer takes and what they are when a spec says nothing, as the
/// documentation of the optimizers states them.
@Suite struct OptimizerDefaultTests {
  typealias Numbers = [Hyperparameter.Name: Double]

  static let dense: [(kind: Optimizer.Kind, numbers: Numbers)] = [
    (.sgd, [.learningRate: 0.01, .momentum: 0]),
    (.adam, [.learningRate: 0.001, .beta1: 0.9, .beta2: 0.999, .epsilon: 1e-8]),
    (
      .adamw,
      [.learningRate: 0.001, .beta1: 0.9, .beta2: 0.999, .epsilon: 1e-8, .weightDecay: 0.01]
    ),
    (.adagrad, [.learningRate: 0.01, .initialAccumulator: 0.1, .epsilon: 1e-8]),
    (.lion, [.learningRate: 0.0001, .beta1: 0.9, .beta2: 0.99, .weightDecay: 0]),
  ]
  static let sparse: [(kind: SparseOptimizer.Kind, numbers: Numbers)] = [
    (.lazyAdam, [.learningRate: 0.001, .beta1: 0.9, .beta2: 0.999, .epsilon: 1e-8]),
    (.rowwiseAdagrad, [.learningRate: 0.01, .initialAccumulator: 0.1, .epsilon: 1e-8]),
    (.adagrad, [.learningRate: 0.01, .initialAccumulator: 0.1, .epsilon: 1e-8]),
    (.sgd, [.learningRate: 0.01]),
    (.ftrl, [.learningRate: 0.01, .initialAccumulator: 0.1, .l1: 0, .l2: 0, .beta: 1]),
  ]

  private func numbers(_ rule: OptimizerRule) -> Numbers {
    Dictionary(uniqueKeysWithValues: rule.hyperparameters.map { ($0.name, $0.defaultValue) })
  }

  @Test func everyKindHasItsDefaults() {
    #expect(Set(Self.dense.map(\.kind)) == Set(Optimizer.Kind.allCases))
    #expect(Set(Self.sparse.map(\.kind)) == Set(SparseOptimizer.Kind.allCases))
    for (kind, expected) in Self.dense {
      #expect(numbers(kind.rule) == expected, "\(kind)")
      let made = Optimizer(kind: kind).hyperparameters
      for name in Hyperparameter.Name.allCases { #expect(made[name] == expected[name] ?? 0) }
    }
    for (kind, expected) in Self.sparse {
      #expect(numbers(kind.rule) == expected, "\(kind)")
      let made = SparseOptimizer(kind: kind).hyperparameters
      for name in Hyperparameter.Name.allCases { #expect(made[name] == expected[name] ?? 0) }
    }
  }

  /// A number by its name is the field of that name, and no other.
  @Test func namesAreFields() {
    var numbers = Hyperparameters()
    for (k, name) in Hyperparameter.Name.allCases.enumerated() { numbers[name] = Double(k + 1) }
    let fields = [
      numbers.learningRate, numbers.momentum, numbers.beta1, numbers.beta2, numbers.epsilon,
      numbers.weightDecay, numbers.initialAccumulator, numbers.l1, numbers.l2, numbers.beta,
    ]
    #expect(fields == (1...10).map(Double.init))
  }
}
