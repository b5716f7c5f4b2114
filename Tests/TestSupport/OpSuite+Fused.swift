import GraphIR

extension OpSuite {
  public static let fused: [OpCase] = mixtures + tables + oneHots + chains

  /// Three experts of two columns, two gates, and an expert that no gate picks.
  private static let mixtures: [OpCase] = {
    let form = MixtureForm(width: 2, gates: [[0, 1], [1, 0]])
    let single = MixtureForm(width: 1, gates: [[2, 0]])
    return [
      OpCase(.fused(.mixture(form)), [real(.batch, 6), real(.batch, 4)]),
      OpCase(.fused(.mixture(single)), [real(.batch, 3), real(.batch, 2)]),
      OpCase(
        .fused(.mixtureGradient(form, gradientOf: nil)),
        [real(.batch, 6), real(.batch, 4), real(.batch, 4)]),
      OpCase(
        .fused(.mixtureGradient(single, gradientOf: .tanh)),
        [real(.batch, 3), real(.batch, 2), real(.batch, 1)]),
    ]
  }()

  private static let tables: [OpCase] = {
    let form = EmbeddingForm(
      tables: [.init(rows: 4, columns: 2), .init(rows: 3, columns: 1)],
      features: [
        .init(table: 0, pooling: .concat), .init(table: 1, pooling: .mean),
        .init(table: 0, pooling: .sum), .init(table: 1, pooling: .concat),
      ])
    let feeds = [ids(4, .batch), ids(3, .batch, 3), ids(4, .batch, 2), ids(3, .batch, 2)]
    return [
      OpCase(.fused(.embeddings(form)), [real(4, 2), real(3, 1)] + feeds),
      OpCase(.fused(.embeddingsGradient(form)), feeds + [real(.batch, 7)]),
    ]
  }()

  private static let oneHots: [OpCase] = {
    let form = OneHotForm(
      rows: 6, features: [.init(rowOffset: 3, rowCount: 3), .init(rowOffset: 0, rowCount: 2)])
    var full = form
    full.hasBias = true
    full.hasAddend = true
    full.activation = .tanh
    full.activationColumns = 1..<3
    let feeds = [ids(3, .batch), ids(2, .batch)]
    return [
      OpCase(.fused(.oneHotLinear(form)), [real(6, 3)] + feeds),
      OpCase(.fused(.oneHotLinear(full)), [real(6, 3)] + feeds + [real(3), real(.batch, 3)]),
      OpCase(.fused(.oneHotGradient(form)), feeds + [real(.batch, 3)]),
    ]
  }()

  private static let chains: [OpCase] = {
    typealias Step = ElementwiseChain.Step
    let stored = ElementwiseChain(
      shape: [.batch, 3],
      steps: [
        Step(.binary(.sub), [.operand(0), .operand(1)]),
        Step(.compare(.greater), [.step(0), .constant(0.05)]),
        Step(.unary(.tanh), [.step(0)]),
        Step(.select, [.step(1), .step(2), .constant(0.5)]),
        Step(.binary(.mul), [.step(3), .operand(2)]),
      ], results: [.init(step: 4), .init(step: 2)])
    let reduced = ElementwiseChain(
      shape: [.batch, 3],
      steps: [
        Step(.binary(.mul), [.operand(0), .operand(1)]),
        Step(.unary(.square), [.step(0)]),
        Step(.convertToFloat, [.operand(2)]),
        Step(.binary(.mul), [.step(1), .step(2)]),
      ],
      results: [
        .init(step: 3, reduction: .init(.sum, axes: [0, 1])),
        .init(step: 1, reduction: .init(.sum, axes: [1], keepAxes: true)),
        .init(step: 0, reduction: .init(.max, axes: [0])),
      ])
    return [
      OpCase(.fused(.chain(stored)), [real(.batch, 3), real(3), real(.batch, 1)]),
      OpCase(.fused(.chain(reduced)), [real(.batch, 3), real(3), mask(.batch, 1)]),
    ]
  }()
}
