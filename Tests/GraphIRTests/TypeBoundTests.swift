import GraphIR
import TensorTypes
import Testing

/// Each condition of the type rules at its bound: the last operands that fit, and the first that
/// do not.
@Suite struct TypeBoundTests {
  typealias Rule = TypeRuleTests.Rule

  private func outcome(_ rule: Rule) -> String {
    do {
      return try rule.op.infer(rule.operands).map(\.description).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  private func check(_ rules: [Rule]) {
    for rule in rules { #expect(outcome(rule) == rule.expected, "\(rule)") }
  }

  @Test func sources() {
    func constant(_ value: Double, _ type: TensorType, _ expected: String) -> Rule {
      Rule(.source(.constant(value, type)), [], expected)
    }
    check([
      constant(2_147_483_647, .i32(3), "i32[3]"), constant(-2_147_483_648, .i32(), "i32[]"),
      constant(2_147_483_648, .i32(), "constant: 2147483648.0 is not a value of i32"),
      constant(-2_147_483_649, .i32(), "constant: -2147483649.0 is not a value of i32"),
      constant(0, .bool(2), "bool[2]"), constant(1, .bool(), "bool[]"),
      constant(-1, .bool(), "constant: -1.0 is not a value of bool"),
      constant(0.5, .bool(), "constant: 0.5 is not a value of bool"),
      Rule(.source(.random(stream: 0, [.batch])), [], "f32[B]"),
    ])
  }

  @Test func wellFormedTypes() {
    func exp(_ type: TensorType, _ expected: String) -> Rule {
      Rule(.elementwise(.unary(.exp)), [type], expected)
    }
    let most = Shape.maximumCount
    #expect(most == 1_099_511_627_776)
    check([
      exp(.f32(.fixed(most)), "f32[1099511627776]"),
      exp(.f32(.batch, .fixed(most)), "f32[B, 1099511627776]"),
      exp(
        .f32(.fixed(most + 1)),
        "exp: operand 0 has type f32[1099511627777], which has too many elements"),
      exp(
        .f32(.batches(2), .fixed(most)),
        "exp: operand 0 has type f32[B2, 1099511627776], which has too many elements"),
      exp(
        .f32(.fixed(.max), 2, 3),
        "exp: operand 0 has type f32[9223372036854775807, 2, 3], which has too many elements"),
      exp(.f32(1, 1), "f32[1, 1]"),
      exp(.f32(3, 0), "exp: operand 0 has type f32[3, 0], which has an axis of size 0"),
      exp(.f32(.batches(0)), "exp: operand 0 has type f32[B0], which has an axis of size B0"),
      exp(
        .f32(.batch, 2, .batches(3), .batch),
        "exp: operand 0 has type f32[B, 2, B3, B], which has 3 batch axes"),
      Rule(
        .elementwise(.binary(.add)), [.f32(2), .f32(0)],
        "add: operand 1 has type f32[0], which has an axis of size 0"),
    ])
  }

  @Test func elementwise() {
    func rule(_ op: ElementwiseOp, _ operands: [TensorType], _ expected: String) -> Rule {
      Rule(.elementwise(op), operands, expected)
    }
    check([
      rule(.binary(.sub), [.i32(2), .f32(2)], "sub: operand 0 has type i32[2], expected f32[…]"),
      rule(.binary(.sub), [.f32(2), .i32(2)], "sub: operand 1 has type i32[2], expected f32[…]"),
      rule(.binary(.sub), [.f32(2)], "sub: has 1 operands, expected 2"),
      rule(
        .compare(.less), [.bool(2), .f32(2)], "less: operand 0 has type bool[2], expected f32[…]"),
      rule(.select, [.bool(.batch, 4), .f32(4), .f32()], "f32[B, 4]"),
      rule(.select, [.bool(), .f32(1, 4), .f32(3, 1)], "f32[3, 4]"),
      rule(
        .select, [.bool(2), .i32(2), .f32(2)],
        "select: operand 1 has type i32[2], expected f32[…]"),
      rule(
        .select, [.bool(2), .f32(2), .i32(2)],
        "select: operand 2 has type i32[2], expected f32[…]"),
      rule(
        .select, [.bool(2), .f32(2), .f32(3)],
        "select: operands bool[2], f32[2] and f32[3] do not broadcast together"),
      rule(.select, [.bool(2), .f32(2)], "select: has 2 operands, expected 3"),
      rule(.isPresent, [.bool(2)], "is_present: operand 0 has type bool[2], expected i32[…]"),
      rule(.stopGradient, [.i32(2)], "stop_gradient: operand 0 has type i32[2], expected f32[…]"),
      rule(.convertToFloat, [], "convert: has 0 operands, expected 1"),
      rule(.isPresent, [], "is_present: has 0 operands, expected 1"),
    ])
  }

  @Test func layout() {
    func rule(_ op: LayoutOp, _ operands: [TensorType], _ expected: String) -> Rule {
      Rule(.layout(op), operands, expected)
    }
    let x = TensorType.f32(.batch, 4)
    func slice(_ range: (Int, Int), _ expected: String) -> Rule {
      rule(.slice(axis: 1, start: range.0, end: range.1), [x], expected)
    }
    func pad(_ before: Int, _ after: Int, _ expected: String) -> Rule {
      rule(.pad(axis: 1, before: before, after: after), [x], expected)
    }
    check([
      rule(.reshape([.batch, 2, 3]), [.i32(.batch, 6)], "i32[B, 2, 3]"),
      rule(.reshape([2, 0]), [.f32(6)], "reshape: [2, 0] has an axis of size 0"),
      rule(.reshape([1]), [.bool()], "bool[1]"),
      rule(.broadcast([3]), [.f32(2, 3)], "broadcast: f32[2, 3] does not broadcast to [3]"),
      rule(.broadcast([1]), [.f32(3)], "broadcast: f32[3] does not broadcast to [1]"),
      rule(.broadcast([.batch, 5, 3]), [.i32(.batch, 1, 3)], "i32[B, 5, 3]"),
      rule(.transpose([1, 2, 0]), [.bool(2, 3, 4)], "bool[3, 4, 2]"),
      rule(
        .transpose([0]), [.f32(2, 3)],
        "transpose: [0] is not a permutation of the axes of f32[2, 3]"),
      rule(
        .transpose([1, 2]), [.f32(2, 3)],
        "transpose: [1, 2] is not a permutation of the axes of f32[2, 3]"),
      rule(
        .concat(axis: 1), [.f32(.batch, 1), .f32(.batch, 2), .f32(.batch, 4)], "f32[B, 7]"),
      rule(.concat(axis: 0), [.i32(2, 3), .i32(5, 3)], "i32[7, 3]"),
      rule(
        .concat(axis: 0), [.f32(2, 3), .f32(2, 3), .f32(2, 4)],
        "concat: operand 2 has type f32[2, 4], expected f32[2, 3] but for axis 0"),
      rule(
        .concat(axis: 1), [.f32(.batch, 1), .f32(.batch, 1, 1)],
        "concat: operand 1 has type f32[B, 1, 1], expected f32[B, 1] but for axis 1"),
      rule(.concat(axis: 2), [x], "concat: axis 2 of f32[B, 4] is not a static axis"),
      rule(.concat(axis: -1), [x], "concat: axis -1 of f32[B, 4] is not a static axis"),
      slice((0, 4), "f32[B, 4]"), slice((3, 4), "f32[B, 1]"), slice((1, 3), "f32[B, 2]"),
      slice((-1, 2), "slice: range -1..<2 is not within axis 1 of f32[B, 4]"),
      slice((1, 5), "slice: range 1..<5 is not within axis 1 of f32[B, 4]"),
      slice((3, 2), "slice: range 3..<2 is not within axis 1 of f32[B, 4]"),
      rule(
        .slice(axis: 0, start: 0, end: 1), [x],
        "slice: axis 0 of f32[B, 4] is not a static axis"),
      rule(.slice(axis: 0, start: 1, end: 2), [.i32(3, 5)], "i32[1, 5]"),
      pad(0, 0, "f32[B, 4]"), pad(2, 5, "f32[B, 11]"),
      pad(0, -1, "pad: padding 0, -1 is negative or too large"),
      pad(
        0, Shape.maximumCount + 1,
        "pad: padding 0, 1099511627777 is negative or too large"),
      pad(
        Shape.maximumCount + 1, 3,
        "pad: padding 1099511627777, 3 is negative or too large"),
      pad(
        Shape.maximumCount, 0,
        "pad: the result would have type f32[B, 1099511627780], which has too many elements"),
      pad(0, Shape.maximumCount - 4, "f32[B, 1099511627776]"),
      rule(.pad(axis: 0, before: 1, after: 2), [.bool(3, 5)], "bool[6, 5]"),
    ])
  }

  @Test func reductions() {
    func sum(_ axes: [Int], keep: Bool = false, _ expected: String) -> Rule {
      Rule(
        .reduction(.reduce(.sum, axes: axes, keepAxes: keep)), [.f32(.batch, 4, 5)], expected)
    }
    check([
      sum([], "f32[B, 4, 5]"), sum([1], "f32[B, 5]"), sum([0, 2], "f32[4]"),
      sum([1], keep: true, "f32[B, 1, 5]"), sum([0, 1, 2], "f32[]"),
      sum([1, 1], "reduce_sum: axes [1, 1] are not rising axes of f32[B, 4, 5]"),
      sum([2, 1], "reduce_sum: axes [2, 1] are not rising axes of f32[B, 4, 5]"),
      sum([-1], "reduce_sum: axes [-1] are not rising axes of f32[B, 4, 5]"),
      sum([1, 3], "reduce_sum: axes [1, 3] are not rising axes of f32[B, 4, 5]"),
      Rule(
        .reduction(.reduce(.min, axes: [0], keepAxes: false)), [.i32(3)],
        "reduce_min: operand 0 has type i32[3], expected f32[…]"),
      Rule(
        .reduction(.softmax), [.f32()],
        "softmax: operand 0 has type f32[], expected f32 with a static last axis"),
      Rule(.reduction(.softmax), [.f32(3, 1)], "f32[3, 1]"),
    ])
  }

  @Test func products() {
    func matmul(
      _ a: Bool, _ b: Bool, _ operands: [TensorType], _ expected: String
    ) -> Rule { Rule(.matrix(.matmul(transposeA: a, transposeB: b)), operands, expected) }
    check([
      matmul(true, true, [.f32(3, 2), .f32(5, 3)], "f32[2, 5]"),
      matmul(false, true, [.f32(.batch, 3), .f32(5, 3)], "f32[B, 5]"),
      matmul(
        false, true, [.f32(.batch, 4), .f32(2, 5)],
        "matmul: operand 1 has type f32[2, 5], expected f32[*, 4]"),
      matmul(
        true, false, [.f32(.batch, 4), .f32(4, 5)],
        "matmul: operand 1 has type f32[4, 5], expected f32[B, *]"),
      matmul(
        false, false, [.f32(4), .f32(4, 5)],
        "matmul: operand 0 has type f32[4], expected a matrix f32[*, *]"),
      matmul(
        false, false, [.f32(2, 4), .i32(4, 5)],
        "matmul: operand 1 has type i32[4, 5], expected a matrix f32[*, *]"),
      matmul(
        false, false, [.f32(1, 2, 4), .f32(4, 5)],
        "matmul: operand 0 has type f32[1, 2, 4], expected a matrix f32[*, *]"),
      matmul(false, false, [.f32(2, 4)], "matmul: has 1 operands, expected 2"),
    ])
  }

  @Test func linear() {
    func rule(_ form: LinearForm, _ operands: [TensorType], _ expected: String) -> Rule {
      Rule(.matrix(.linear(form)), operands, expected)
    }
    let plain: [TensorType] = [.f32(.batch, 4), .f32(4, 2)]
    let all = LinearForm(hasBias: true, hasAddend: true, activation: .relu, gradientOf: .tanh)
    let result = TensorType.f32(.batch, 2)
    let two: [TensorType] = [.f32(.batch, 6), .f32(2, 3, 5)]
    let turned = LinearForm(transposeA: true, groups: 2, hasBias: true)
    func columns(_ range: Range<Int>) -> LinearForm {
      LinearForm(groups: 2, gradientOf: .relu, activationColumns: range)
    }
    check([
      rule(all, plain + [.f32(2), result, result], "f32[B, 2]"),
      rule(all, plain + [.f32(2), result], "linear: has 4 operands, expected 5"),
      rule(
        all, plain + [.f32(2), .f32(.batch, 3), result],
        "linear: operand 3 has type f32[B, 3], expected f32[B, 2]"),
      rule(
        all, plain + [.f32(2), result, .f32(4, 2)],
        "linear: operand 4 has type f32[4, 2], expected f32[B, 2]"),
      rule(
        LinearForm(groups: 2, hasBias: true), two + [.f32(5)],
        "linear: operand 2 has type f32[5], expected f32[10]"),
      rule(LinearForm(groups: 2, hasBias: true), two + [.f32(10)], "f32[B, 10]"),
      rule(columns(0..<5), two + [.f32(.batch, 10)], "f32[B, 10]"),
      rule(
        columns(0..<6), two + [.f32(.batch, 10)],
        "linear: activation columns 0..<6 are not columns of f32[B, 10]"),
      rule(
        turned, [.f32(.batch, 6), .f32(.batch, 4), .f32(4)],
        "linear: a grouped product with transpose_a has no bias or activation"),
      rule(
        LinearForm(transposeA: true, transposeB: true, groups: 2),
        [.f32(.batch, 6), .f32(.batch, 4)],
        "linear: operand 1 has type f32[B, 4], expected f32[B, *]"),
      rule(
        LinearForm(transposeB: true, groups: 2), [.f32(.batch, 6), .f32(2, 5, 4)],
        "linear: operand 1 has type f32[2, 5, 4], expected f32[2, *, 3]"),
      rule(
        LinearForm(groups: 2), [.f32(.batch, 6), .i32(2, 3, 5)],
        "linear: operand 1 has type i32[2, 3, 5], expected f32[2, 3, *]"),
      rule(
        LinearForm(groups: 2), [.i32(.batch, 6), .f32(2, 3, 5)],
        "linear: operand 0 has type i32[B, 6], expected a matrix of 2 column blocks"),
      rule(
        LinearForm(groups: 2), [.f32(6), .f32(2, 3, 5)],
        "linear: operand 0 has type f32[6], expected a matrix of 2 column blocks"),
      rule(
        LinearForm(groups: 2), [.f32(4, .batch), .f32(2, 3, 5)],
        "linear: operand 0 has type f32[4, B], expected a matrix of 2 column blocks"),
      rule(LinearForm(groups: -1), plain, "linear: -1 groups are fewer than 1"),
    ])
    let places = [LinearForm(), LinearForm(hasAddend: true), all].map {
      [$0.operandCount, $0.biasOperand, $0.addendOperand, $0.outputOperand]
    }
    #expect(places == [[2, nil, nil, nil], [3, nil, 2, nil], [5, 2, 3, 4]])
  }

  @Test func lookups() {
    func rule(_ op: LookupOp, _ operands: [TensorType], _ expected: String) -> Rule {
      Rule(.lookup(op), operands, expected)
    }
    func table(_ type: TensorType) -> Rule {
      rule(
        .gather, [type, .i32(2)],
        "gather: operand 0 has type \(type), expected a table f32[rows, columns]")
    }
    func updates(_ ids: Shape, _ type: TensorType, rows: Int = 9) -> Rule {
      rule(
        .scatterAdd(rows: rows), [TensorType(.i32, ids), type],
        "scatter_add: operand 1 has type \(type), "
          + "expected f32 of shape \(ids) with one static axis more")
    }
    check([
      table(.i32(9, 4)), table(.f32(9)), table(.f32(9, 4, 2)), table(.f32(9, .batch)),
      rule(
        .gather, [.f32(9, 4), .f32(2)], "gather: operand 1 has type f32[2], expected i32[…]"),
      rule(.gather, [.f32(9, 4), .i32()], "f32[4]"),
      rule(.gather, [.f32(9, 4)], "gather: has 1 operands, expected 2"),
      updates([.batch], .i32(.batch, 4)), updates([.batch], .f32(.batch)),
      updates([4], .f32(4, .batch)), updates([4], .f32(4, 3), rows: 0),
      updates([3, 4], .f32(4, 3, 2)), updates([3], .f32(3, 4, 2)),
      rule(.scatterAdd(rows: 1), [.i32(3, 4), .f32(3, 4, 2)], "f32[1, 2]"),
      rule(
        .scatterAdd(rows: 9), [.f32(2), .f32(2, 3)],
        "scatter_add: operand 0 has type f32[2], expected i32[…]"),
      rule(.oneHot(depth: 1), [.i32(.batch, 3)], "f32[B, 3, 1]"),
      rule(.oneHot(depth: 5), [.f32(2)], "one_hot: operand 0 has type f32[2], expected i32[…]"),
    ])
  }
}
