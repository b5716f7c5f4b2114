import GraphIR
import TensorTypes
import Testing

/// The type rules of fused ops at their bounds.
@Suite struct FusedBoundTests {
  private func outcome(_ op: FusedOp, _ operands: [TensorType]) -> String {
    do {
      return try Op.fused(op).infer(operands).map(\.description).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  @Test func mixtures() {
    let form = MixtureForm(width: 3, gates: [[1], [0, 1], [0]])
    #expect(form.weightColumns == 4)
    #expect(form.gateColumns == [0..<1, 1..<3, 3..<4])
    let (experts, logits, g) = (
      TensorType.f32(.batch, 6), TensorType.f32(.batch, 4), TensorType.f32(.batch, 9)
    )
    #expect(outcome(.mixture(form), [experts, logits]) == "f32[B, 9] f32[B, 4]")
    let gradient = FusedOp.mixtureGradient(form, gradientOf: nil)
    #expect(outcome(gradient, [experts, logits, g]) == "f32[B, 6] f32[B, 4]")
    #expect(
      outcome(gradient, [experts, .f32(.batch, 3), g])
        == "mixture_gradient: operand 1 has type f32[B, 3], expected f32[B, 4]")
    #expect(
      outcome(gradient, [experts, logits, .f32(.batch, 6)])
        == "mixture_gradient: operand 2 has type f32[B, 6], expected f32[B, 9]")
    #expect(
      outcome(.mixture(form), [experts, .f32(8, 4)])
        == "mixture: operand 1 has type f32[8, 4], expected f32[B, 4]")
    for type: TensorType in [.i32(.batch, 6), .f32(6), .f32(.batch, 6, 1), .f32(6, .batch)] {
      #expect(
        outcome(.mixture(form), [type, logits])
          == "mixture: operand 0 has type \(type), expected a matrix of blocks of 3 columns")
    }
    func refused(width: Int, _ gates: [[Int]]) -> String {
      outcome(.mixture(MixtureForm(width: width, gates: gates)), [experts, logits])
    }
    #expect(refused(width: 0, [[0]]) == "mixture: needs a width of at least 1, and a gate")
    #expect(refused(width: 3, []) == "mixture: needs a width of at least 1, and a gate")
    #expect(refused(width: 3, [[1], []]) == "mixture: [] are not indices of 2 experts")
    #expect(refused(width: 3, [[0], [1, 2]]) == "mixture: [1, 2] are not indices of 2 experts")
    #expect(refused(width: 3, [[-1, 0]]) == "mixture: [-1, 0] are not indices of 2 experts")
    #expect(
      outcome(.mixture(MixtureForm(width: 1, gates: [[5, 0]])), [experts, .f32(.batch, 2)])
        == "f32[B, 1] f32[B, 2]")
  }

  @Test func embeddings() {
    typealias Form = EmbeddingForm
    let form = Form(
      tables: [.init(rows: 9, columns: 2), .init(rows: 7, columns: 3)],
      features: [
        .init(table: 1, pooling: .concat), .init(table: 0, pooling: .mean),
        .init(table: 1, pooling: .sum),
      ])
    let tables: [TensorType] = [.f32(9, 2), .f32(7, 3)]
    let ids: [TensorType] = [.i32(.batch, 4), .i32(.batch, 5), .i32(.batch)]
    // 4 rows of 3, one of 2, one of 3.
    #expect(outcome(.embeddings(form), tables + ids) == "f32[B, 17]")
    #expect(
      outcome(.embeddingsGradient(form), ids + [.f32(.batch, 17)]) == "f32[9, 2] f32[7, 3]")
    #expect(
      outcome(.embeddingsGradient(form), ids + [.f32(.batch, 16)])
        == "embeddings_gradient: operand 3 has type f32[B, 16], expected f32[B, 17]")
    #expect(
      outcome(.embeddings(form), [.f32(9, 2), .f32(9, 2)] + ids)
        == "embeddings: operand 1 has type f32[9, 2], expected f32[7, 3]")
    #expect(
      outcome(.embeddings(form), tables) == "embeddings: has 2 operands, expected 5")
    for (place, type): (Int, TensorType) in [
      (0, .f32(.batch)), (0, .i32(.batch, 4, 1)), (0, .i32()), (1, .i32(.batches(2), 5)),
      (2, .f32(.batch)), (1, .i32(.batch, 1_048_576)),
    ] {
      var wrong = ids
      wrong[place] = type
      #expect(
        outcome(.embeddings(form), tables + wrong)
          == "embeddings: operand \(2 + place) has type \(type), "
          + "expected i32[B] or i32[B, *]")
    }
    #expect(
      outcome(.embeddings(form), tables + [.i32(.batch, 1_048_575)] + ids[1...])
        == "f32[B, 3145730]")
    func single(_ table: Form.Table, _ place: Int, _ ids: TensorType) -> String {
      outcome(
        .embeddings(Form(tables: [table], features: [.init(table: place, pooling: .concat)])),
        [table.type, ids])
    }
    let unknown = "embeddings: has empty tables, or features of unknown tables"
    #expect(single(.init(rows: 4, columns: 5), 1, .i32(6)) == unknown)
    #expect(single(.init(rows: 4, columns: 5), -1, .i32(6)) == unknown)
    #expect(single(.init(rows: 4, columns: 5), 0, .i32(6)) == "f32[6, 5]")
    let wide = Form.Table(rows: 1, columns: Shape.maximumCount / 2)
    #expect(single(wide, 0, .i32(.batch, 2)) == "f32[B, 1099511627776]")
    #expect(single(wide, 0, .i32(.batch, 3)) == "embeddings: has too many columns")
    #expect(
      outcome(.embeddings(Form(tables: [.init(rows: 4, columns: 5)], features: [])), [.f32(4, 5)])
        == "embeddings: needs a feature")
    let empty = Form(
      tables: [.init(rows: 0, columns: 2)], features: [.init(table: 0, pooling: .sum)])
    #expect(
      outcome(.embeddingsGradient(empty), [.i32(.batch), .f32(.batch, 2)])
        == "embeddings_gradient: has empty tables, or features of unknown tables")
  }

  private func oneHot(_ features: [(Int, Int)], _ rows: Int = 5) -> OneHotForm {
    OneHotForm(rows: rows, features: features.map { .init(rowOffset: $0.0, rowCount: $0.1) })
  }

  @Test func oneHotOperands() {
    var form = oneHot([(1, 3)])
    form.hasBias = true
    form.hasAddend = true
    #expect([form.biasOperand, form.addendOperand] == [2, 3])
    let (w, ids, bias, addend) = (
      TensorType.f32(5, 2), TensorType.i32(.batch), TensorType.f32(2), TensorType.f32(.batch, 2)
    )
    #expect(outcome(.oneHotLinear(form), [w, ids, bias, addend]) == "f32[B, 2]")
    #expect(
      outcome(.oneHotLinear(form), [w, ids, .f32(5), addend])
        == "one_hot_linear: operand 2 has type f32[5], expected f32[2]")
    #expect(
      outcome(.oneHotLinear(form), [w, ids, bias, .f32(.batch, 3)])
        == "one_hot_linear: operand 3 has type f32[B, 3], expected f32[B, 2]")
    #expect(
      outcome(.oneHotLinear(form), [w, ids, bias]) == "one_hot_linear: has 3 operands, expected 4")
    for type: TensorType in [.f32(4, 2), .i32(5, 2), .f32(5), .f32(5, .batch), .f32(5, 2, 1)] {
      #expect(
        outcome(.oneHotLinear(form), [type, ids, bias, addend])
          == "one_hot_linear: operand 0 has type \(type), expected f32[5, *]")
    }
    form.hasBias = false
    #expect([form.biasOperand, form.addendOperand] == [nil, 2])
    let two = oneHot([(0, 2), (2, 3)])
    #expect(
      outcome(.oneHotLinear(two), [w, ids, .i32(4)])
        == "one_hot_linear: operand 2 has type i32[4], expected i32[B]")
    #expect(
      outcome(.oneHotLinear(two), [w, ids, .f32(.batch)])
        == "one_hot_linear: operand 2 has type f32[B], expected i32[B]")
    #expect(outcome(.oneHotGradient(two), [ids, ids, .f32(.batch, 4)]) == "f32[5, 4]")
    for type: TensorType in [.f32(3, 4), .i32(.batch, 4), .f32(.batch), .f32(.batch, 4, 1)] {
      #expect(
        outcome(.oneHotGradient(two), [ids, ids, type])
          == "one_hot_gradient: operand 2 has type \(type), expected f32[B, *]")
    }
  }

  @Test func rowsOfOneHotFeatures() {
    func rows(_ features: [(Int, Int)]) -> String {
      outcome(
        .oneHotLinear(oneHot(features)),
        [.f32(5, 2)] + features.map { _ in TensorType.i32(.batch) })
    }
    let wrong = "one_hot_linear: the rows of the features overlap, or are not 5 rows"
    #expect(rows([(0, 5)]) == "f32[B, 2]")
    #expect(rows([(2, 3)]) == "f32[B, 2]")
    #expect(rows([(3, 2), (0, 3)]) == "f32[B, 2]")
    #expect(rows([(4, 1)]) == "f32[B, 2]")
    for features in [[(3, 3)], [(0, 6)], [(-1, 2)], [(1, 0)], [(2, 2), (0, 3)], [(5, 1)]] {
      #expect(rows(features) == wrong, "\(features)")
    }
    let none = "one_hot_linear: needs a feature and ids"
    #expect(rows([]) == none)
    #expect(outcome(.oneHotLinear(oneHot([(0, 1)])), [.f32(5, 2), .i32()]) == none)
    #expect(
      outcome(.oneHotGradient(oneHot([(0, 1)], 0)), [.i32(.batch), .f32(.batch, 2)])
        == "one_hot_gradient: needs a feature and ids")
  }

  @Test func columnsOfOneHotActivations() {
    func columns(_ range: Range<Int>, _ activation: EpilogueActivation? = .tanh) -> String {
      var form = oneHot([(0, 5)])
      form.activation = activation
      form.activationColumns = range
      return outcome(.oneHotLinear(form), [.f32(5, 2), .i32(.batch)])
    }
    #expect(columns(0..<2) == "f32[B, 2]")
    #expect(columns(1..<2) == "f32[B, 2]")
    for range in [1..<3, -1..<1, 1..<1] {
      #expect(
        columns(range)
          == "one_hot_linear: activation columns \(range) are not columns of f32[B, 2]")
    }
    #expect(
      columns(0..<2, nil)
        == "one_hot_linear: activation columns 0..<2 are not columns of f32[B, 2]")
  }

  @Test func chains() {
    typealias Chain = ElementwiseChain
    let step = Chain.Step(.binary(.sub), [.operand(0), .operand(1)])
    func chain(
      shape: Shape = [.batch, 3], _ steps: [Chain.Step], _ results: [Chain.Result],
      _ operands: [TensorType] = [.f32(.batch, 1), .f32(3)]
    ) -> String {
      outcome(.chain(Chain(shape: shape, steps: steps, results: results)), operands)
    }
    let first = [Chain.Result(step: 0)]
    #expect(chain([step], first) == "f32[B, 3]")
    #expect(
      chain(
        [step, .init(.compare(.less), [.step(0), .constant(2)])],
        [
          .init(step: 1), .init(step: 0, reduction: .init(.max, axes: [1], keepAxes: true)),
          .init(step: 0, reduction: .init(.sum, axes: [0])),
        ]) == "bool[B, 3] f32[B, 1] f32[3]")
    #expect(chain([step], first, [.f32(3)]) == "chain: a step reads x1 of 1 operands")
    #expect(
      chain([.init(.unary(.exp), [.operand(0)])], first) == "chain: no step reads operand 1")
    #expect(
      chain([.init(.unary(.exp), [.operand(-1)])], first) == "chain: a step reads x-1 of 2 operands"
    )
    #expect(chain([step], []) == "chain: needs a result")
    #expect(chain([step], [.init(step: 1)]) == "chain: a result is t1 of 1 steps")
    #expect(chain([step], [.init(step: -1)]) == "chain: a result is t-1 of 1 steps")
    #expect(
      chain([step, .init(.unary(.exp), [.step(1)])], first) == "chain: step t1 reads t1")
    #expect(chain(shape: [0], [step], first) == "chain: [0] has an axis of size 0")
    #expect(
      chain([step], first, [.f32(.batch, 3), .f32(2, .batch, 3)])
        == "chain: operand 1 has type f32[2, B, 3], expected a shape that broadcasts to [B, 3]")
    #expect(
      chain([step], first, [.f32(3), .bool(3)])
        == "sub: operand 1 has type bool[B, 3], expected f32[…]")
  }
}
