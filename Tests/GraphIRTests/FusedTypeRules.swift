import GraphIR
import TensorTypes

extension TypeRuleTests {
  /// What the fused ops accept and reject.
  static let fusedRules: (accepted: [Rule], rejected: [Rule]) = {
    let mixture = MixtureForm(width: 2, gates: [[0, 1]])
    let tables = EmbeddingForm(
      tables: [.init(rows: 9, columns: 2)],
      features: [.init(table: 0, pooling: .concat), .init(table: 0, pooling: .mean)])
    let hot = OneHotForm(rows: 5, features: [.init(rowOffset: 1, rowCount: 3)])
    let chain = ElementwiseChain(
      shape: [.batch, 3],
      steps: [.init(.binary(.add), [.operand(0), .operand(1)])],
      results: [.init(step: 0), .init(step: 0, reduction: .init(.sum, axes: [0]))])
    var backwards = chain
    backwards.steps[0].inputs[1] = .step(0)
    let accepted = [
      Rule(.fused(.mixture(mixture)), [.f32(.batch, 4), .f32(.batch, 2)], "f32[B, 2] f32[B, 2]"),
      Rule(
        .fused(.mixtureGradient(mixture, gradientOf: .relu)),
        [.f32(.batch, 6), .f32(.batch, 2), .f32(.batch, 2)], "f32[B, 6] f32[B, 2]"),
      Rule(
        .fused(.embeddings(tables)), [.f32(9, 2), .i32(.batch, 3), .i32(.batch, 4)], "f32[B, 8]"),
      Rule(
        .fused(.embeddingsGradient(tables)), [.i32(.batch), .i32(.batch, 4), .f32(.batch, 4)],
        "f32[9, 2]"),
      Rule(.fused(.oneHotLinear(hot)), [.f32(5, 2), .i32(.batch)], "f32[B, 2]"),
      Rule(.fused(.oneHotGradient(hot)), [.i32(.batch), .f32(.batch, 2)], "f32[5, 2]"),
      Rule(.fused(.chain(chain)), [.f32(.batch, 1), .f32(3)], "f32[B, 3] f32[3]"),
    ]
    let rejected = [
      Rule(
        .fused(.mixture(mixture)), [.f32(.batch, 5), .f32(.batch, 2)],
        "mixture: operand 0 has type f32[B, 5], expected a matrix of blocks of 2 columns"),
      Rule(
        .fused(.mixture(mixture)), [.f32(.batch, 4), .f32(.batch, 3)],
        "mixture: operand 1 has type f32[B, 3], expected f32[B, 2]"),
      Rule(
        .fused(.mixture(MixtureForm(width: 2, gates: [[0, 0]]))),
        [.f32(.batch, 4), .f32(.batch, 2)], "mixture: [0, 0] are not indices of 2 experts"),
      Rule(
        .fused(.mixtureGradient(mixture, gradientOf: nil)),
        [.f32(.batch, 6), .f32(.batch, 2), .f32(.batch, 3)],
        "mixture_gradient: operand 2 has type f32[B, 3], expected f32[B, 2]"),
      Rule(
        .fused(.embeddings(tables)), [.f32(8, 2), .i32(.batch), .i32(.batch)],
        "embeddings: operand 0 has type f32[8, 2], expected f32[9, 2]"),
      Rule(
        .fused(.embeddings(tables)), [.f32(9, 2), .i32(.batch), .i32(4)],
        "embeddings: operand 2 has type i32[4], expected i32[B] or i32[B, *]"),
      Rule(
        .fused(.oneHotLinear(OneHotForm(rows: 3, features: hot.features))),
        [.f32(3, 2), .i32(.batch)],
        "one_hot_linear: the rows of the features overlap, or are not 3 rows"),
      Rule(
        .fused(.oneHotGradient(hot)), [.i32(.batch), .f32(4, 2)],
        "one_hot_gradient: operand 1 has type f32[4, 2], expected f32[B, *]"),
      Rule(
        .fused(.chain(chain)), [.f32(.batch, 3), .f32(4)],
        "chain: operand 1 has type f32[4], expected a shape that broadcasts to [B, 3]"),
      Rule(.fused(.chain(backwards)), [.f32(.batch, 3)], "chain: step t0 reads t0"),
    ]
    return (accepted + linear.accepted, rejected + linear.rejected)
  }()

  /// Products of several groups, and activations of some columns.
  private static let linear: (accepted: [Rule], rejected: [Rule]) = {
    func linear(_ form: LinearForm, _ operands: [TensorType], _ expected: String) -> Rule {
      Rule(.matrix(.linear(form)), operands, expected)
    }
    let two = LinearForm(groups: 2)
    let turned = LinearForm(transposeA: true, groups: 2)
    func columns(_ range: Range<Int>) -> LinearForm {
      LinearForm(activation: .relu, activationColumns: range)
    }
    let plain: [TensorType] = [.f32(.batch, 4), .f32(4, 3)]
    let accepted: [Rule] = [
      linear(two, [.f32(.batch, 6), .f32(2, 3, 5)], "f32[B, 10]"),
      linear(
        LinearForm(transposeB: true, groups: 2), [.f32(.batch, 6), .f32(2, 5, 3)], "f32[B, 10]"),
      linear(turned, [.f32(.batch, 6), .f32(.batch, 4)], "f32[2, 3, 2]"),
      linear(columns(0..<3), plain, "f32[B, 3]"), linear(columns(2..<3), plain, "f32[B, 3]"),
    ]
    let rejected: [Rule] = [
      linear(LinearForm(groups: 0), plain, "linear: 0 groups are fewer than 1"),
      linear(
        two, [.f32(.batch, 6), .f32(3, 3, 5)],
        "linear: operand 1 has type f32[3, 3, 5], expected f32[2, 3, *]"),
      linear(
        two, [.f32(.batch, 6), .f32(1, 3, 5)],
        "linear: operand 1 has type f32[1, 3, 5], expected f32[2, 3, *]"),
      linear(
        two, [.f32(.batch, 6), .f32(2, 4, 5)],
        "linear: operand 1 has type f32[2, 4, 5], expected f32[2, 3, *]"),
      linear(
        two, [.f32(.batch, 6), .f32(3, 5)],
        "linear: operand 1 has type f32[3, 5], expected f32[2, 3, *]"),
      linear(
        two, [.f32(.batch, 5), .f32(2, 3, 5)],
        "linear: operand 0 has type f32[B, 5], expected a matrix of 2 column blocks"),
      linear(
        turned, [.f32(.batch, 6), .f32(7, 4)],
        "linear: operand 1 has type f32[7, 4], expected f32[B, *]"),
      linear(
        turned, [.f32(.batch, 6), .f32(.batch, 3)],
        "linear: operand 1 has type f32[B, 3], expected a matrix of 2 column blocks"),
      linear(
        LinearForm(transposeA: true, groups: 2, activation: .relu),
        [.f32(.batch, 6), .f32(.batch, 4)],
        "linear: a grouped product with transpose_a has no bias or activation"),
      linear(
        LinearForm(hasAddend: true), plain + [.f32(.batch, 4)],
        "linear: operand 2 has type f32[B, 4], expected f32[B, 3]"),
      linear(
        columns(1..<4), plain, "linear: activation columns 1..<4 are not columns of f32[B, 3]"),
      linear(
        columns(-1..<2), plain, "linear: activation columns -1..<2 are not columns of f32[B, 3]"),
      linear(
        columns(2..<2), plain, "linear: activation columns 2..<2 are not columns of f32[B, 3]"),
      linear(
        LinearForm(activationColumns: 0..<2), plain,
        "linear: activation columns 0..<2 are not columns of f32[B, 3]"),
    ]
    return (accepted, rejected)
  }()
}
