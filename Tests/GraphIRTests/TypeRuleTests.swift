import GraphIR
import TensorTypes
import TestSupport
import Testing

/// What each op accepts, and the words with which it rejects the rest.
@Suite struct TypeRuleTests {
  /// Operands, and the result types or the error's text.
  struct Rule: Sendable, CustomStringConvertible {
    var op: Op
    var operands: [TensorType]
    var expected: String

    init(_ op: Op, _ operands: [TensorType], _ expected: String) {
      self.op = op
      self.operands = operands
      self.expected = expected
    }

    var description: String { "\(op.mnemonic) \(operands)" }
  }

  private func outcome(_ rule: Rule) -> String {
    do {
      return try rule.op.infer(rule.operands).map(\.description).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  static let accepted: [Rule] =
    fusedRules.accepted + convolutionRules.accepted + groupRules.accepted + [
      Rule(.source(.input("x", .i32(.batch))), [], "i32[B]"),
      Rule(.source(.parameter("w", .f32(3, 2))), [], "f32[3, 2]"),
      Rule(.source(.constant(.nan, .f32())), [], "f32[]"),
      Rule(.source(.constant(-1, .i32())), [], "i32[]"),
      Rule(.source(.batchSize), [], "f32[]"),
      Rule(.source(.random(stream: 2, [.batch, 3])), [], "f32[B, 3]"),
      Rule(.elementwise(.unary(.exp)), [.f32(.batch, 4)], "f32[B, 4]"),
      Rule(.elementwise(.binary(.add)), [.f32(.batch, 4), .f32(4)], "f32[B, 4]"),
      Rule(.elementwise(.binary(.div)), [.f32(.batch, 1), .f32(1, 4)], "f32[B, 4]"),
      Rule(.elementwise(.compare(.less)), [.f32(.batch, 4), .f32()], "bool[B, 4]"),
      Rule(.elementwise(.select), [.bool(.batch, 1), .f32(4), .f32()], "f32[B, 4]"),
      Rule(.elementwise(.convertToFloat), [.bool(.batch)], "f32[B]"),
      Rule(.elementwise(.convertToFloat), [.i32(.batch)], "f32[B]"),
      Rule(.elementwise(.isPresent), [.i32(.batch, 5)], "bool[B, 5]"),
      Rule(.elementwise(.stopGradient), [.f32(2)], "f32[2]"),
      Rule(.layout(.reshape([.batch, 2, 3])), [.f32(.batch, 6)], "f32[B, 2, 3]"),
      Rule(.layout(.reshape([.batches(2), 3])), [.f32(.batch, 6)], "f32[B2, 3]"),
      Rule(.layout(.reshape([.batch, 3])), [.f32(.batches(3), 1)], "f32[B, 3]"),
      Rule(
        .matrix(.matmul(transposeA: true, transposeB: false)),
        [.f32(.batches(2), 3), .f32(.batches(2), 4)], "f32[3, 4]"),
      Rule(.layout(.broadcast([.batch, 3])), [.bool(3)], "bool[B, 3]"),
      Rule(.layout(.transpose([1, 0])), [.f32(.batch, 3)], "f32[3, B]"),
      Rule(.layout(.concat(axis: 1)), [.i32(.batch, 1), .i32(.batch, 2)], "i32[B, 3]"),
      Rule(.layout(.slice(axis: 1, start: 1, end: 3)), [.f32(.batch, 4)], "f32[B, 2]"),
      Rule(.layout(.pad(axis: 1, before: 1, after: 3)), [.f32(.batch, 4)], "f32[B, 8]"),
      Rule(.reduction(.reduce(.sum, axes: [0], keepAxes: false)), [.f32(.batch, 4)], "f32[4]"),
      Rule(
        .reduction(.reduce(.max, axes: [0, 1], keepAxes: true)), [.f32(.batch, 4)], "f32[1, 1]"),
      Rule(.reduction(.softmax), [.f32(.batch, 4)], "f32[B, 4]"),
      Rule(
        .matrix(.matmul(transposeA: true, transposeB: false)), [.f32(.batch, 4), .f32(.batch, 2)],
        "f32[4, 2]"),
      Rule(
        .matrix(.linear(LinearForm(hasBias: true, activation: .relu, gradientOf: .tanh))),
        [.f32(.batch, 4), .f32(4, 2), .f32(2), .f32(.batch, 2)], "f32[B, 2]"),
      Rule(.lookup(.gather), [.f32(9, 4), .i32(.batch, 3)], "f32[B, 3, 4]"),
      Rule(.lookup(.scatterAdd(rows: 9)), [.i32(.batch), .f32(.batch, 4)], "f32[9, 4]"),
      Rule(.lookup(.oneHot(depth: 5)), [.i32(.batch)], "f32[B, 5]"),
      Rule(.effect(.update("w", .f32(2))), [.f32(2)], ""),
      Rule(.effect(.assign("w", .f32())), [.f32()], ""),
    ]

  @Test(arguments: accepted)
  func accepts(_ rule: Rule) { #expect(outcome(rule) == rule.expected) }

  @Test func acceptedRulesCoverTheSet() {
    let families = Set(Self.accepted.map { $0.op.mnemonic })
    let all = Set(OpSuite.cases.map { $0.op.mnemonic })
    let kinds = Set(
      ElementwiseOp.Unary.allCases.map(\.rawValue) + ElementwiseOp.Binary.allCases.map(\.rawValue)
        + ElementwiseOp.Comparison.allCases.map(\.rawValue) + ["reduce_min"])
    #expect(all.subtracting(families).subtracting(kinds).isEmpty)
  }

  static let rejected: [Rule] =
    fusedRules.rejected + convolutionRules.rejected + groupRules.rejected + [
      Rule(.source(.batchSize), [.f32()], "batch_size: has 1 operands, expected 0"),
      Rule(
        .source(.input("x", .f32(.batch, .batch))), [],
        "input: the result would have type f32[B, B], which has 2 batch axes"),
      Rule(
        .source(.parameter("w", .f32(0))), [],
        "parameter: the result would have type f32[0], which has an axis of size 0"),
      Rule(
        .source(.constant(1, .f32(1_073_741_824, 1_073_741_824))), [],
        "constant: the result would have type f32[1073741824, 1073741824], which has too many elements"
      ),
      Rule(.source(.constant(0.5, .i32())), [], "constant: 0.5 is not a value of i32"),
      Rule(.source(.constant(.nan, .i32())), [], "constant: nan is not a value of i32"),
      Rule(.source(.constant(2, .bool())), [], "constant: 2.0 is not a value of bool"),
      Rule(.source(.random(stream: -1, [2])), [], "random: stream -1 is negative"),
      Rule(
        .elementwise(.unary(.exp)), [.i32(2)], "exp: operand 0 has type i32[2], expected f32[…]"),
      Rule(
        .elementwise(.binary(.add)), [.f32(2), .f32(3)],
        "add: operands f32[2] and f32[3] do not broadcast together"),
      Rule(
        .elementwise(.binary(.mul)), [.f32(.batch, 1), .f32(1, .batch)],
        "mul: the result would have type f32[B, B], which has 2 batch axes"),
      Rule(
        .elementwise(.compare(.equal)), [.f32(2), .bool(2)],
        "equal: operand 1 has type bool[2], expected f32[…]"),
      Rule(
        .elementwise(.select), [.f32(2), .f32(2), .f32(2)],
        "select: operand 0 has type f32[2], expected bool[…]"),
      Rule(
        .elementwise(.select), [.bool(2), .f32(3), .f32()],
        "select: operands bool[2], f32[3] and f32[] do not broadcast together"),
      Rule(
        .elementwise(.convertToFloat), [.f32(2)],
        "convert: operand 0 has type f32[2], expected bool[…] or i32[…]"),
      Rule(
        .elementwise(.isPresent), [.f32(2)],
        "is_present: operand 0 has type f32[2], expected i32[…]"),
      Rule(.elementwise(.stopGradient), [], "stop_gradient: has 0 operands, expected 1"),
      Rule(
        .layout(.reshape([.batch, 5])), [.f32(.batch, 6)],
        "reshape: f32[B, 6] does not hold as many elements as [B, 5]"),
      Rule(
        .layout(.reshape([.batches(4), 2])), [.f32(.batch, 6)],
        "reshape: f32[B, 6] does not hold as many elements as [B4, 2]"),
      Rule(
        .elementwise(.binary(.add)), [.f32(.batch, 3), .f32(.batches(2), 3)],
        "add: operands f32[B, 3] and f32[B2, 3] do not broadcast together"),
      Rule(
        .layout(.reshape([6])), [.f32(.batch, 6)],
        "reshape: f32[B, 6] does not hold as many elements as [6]"),
      Rule(
        .layout(.reshape([.batch, 6])), [.f32(6)],
        "reshape: f32[6] does not hold as many elements as [B, 6]"),
      Rule(
        .layout(.reshape([.batch, -6])), [.f32(.batch, 6)],
        "reshape: [B, -6] has an axis of size -6"),
      Rule(
        .layout(.broadcast([.batch, 3])), [.f32(2)],
        "broadcast: f32[2] does not broadcast to [B, 3]"),
      Rule(
        .layout(.transpose([0, 0])), [.f32(2, 2)],
        "transpose: [0, 0] is not a permutation of the axes of f32[2, 2]"),
      Rule(.layout(.concat(axis: 1)), [], "concat: has 0 operands, expected at least 1"),
      Rule(
        .layout(.concat(axis: 1)), [.f32(.batch, 1), .f32(2, 1)],
        "concat: operand 1 has type f32[2, 1], expected f32[B, 1] but for axis 1"),
      Rule(
        .layout(.concat(axis: 1)), [.f32(.batch, 1), .i32(.batch, 1)],
        "concat: operand 1 has type i32[B, 1], expected f32[B, 1] but for axis 1"),
      Rule(
        .layout(.concat(axis: 0)), [.f32(.batch, 1)],
        "concat: axis 0 of f32[B, 1] is not a static axis"),
      Rule(
        .layout(.slice(axis: 1, start: 2, end: 2)), [.f32(.batch, 4)],
        "slice: range 2..<2 is not within axis 1 of f32[B, 4]"),
      Rule(
        .layout(.pad(axis: 1, before: -1, after: 0)), [.f32(.batch, 4)],
        "pad: padding -1, 0 is negative or too large"),
      Rule(
        .reduction(.reduce(.sum, axes: [1, 0], keepAxes: false)), [.f32(.batch, 4)],
        "reduce_sum: axes [1, 0] are not rising axes of f32[B, 4]"),
      Rule(
        .reduction(.softmax), [.f32(4, .batch)],
        "softmax: operand 0 has type f32[4, B], expected f32 with a static last axis"),
      Rule(
        .matrix(.matmul(transposeA: false, transposeB: false)), [.f32(.batch, 499), .f32(16, 8)],
        "matmul: operand 1 has type f32[16, 8], expected f32[499, *]"),
      Rule(
        .matrix(.matmul(transposeA: false, transposeB: true)), [.f32(.batch, 4), .f32(.batch, 4)],
        "matmul: the result would have type f32[B, B], which has 2 batch axes"),
      Rule(
        .matrix(.linear(LinearForm(hasBias: true))), [.f32(.batch, 4), .f32(4, 2), .f32(3)],
        "linear: operand 2 has type f32[3], expected f32[2]"),
      Rule(
        .matrix(.linear(LinearForm(gradientOf: .relu))), [.f32(.batch, 4), .f32(4, 2), .f32(2)],
        "linear: operand 2 has type f32[2], expected f32[B, 2]"),
      Rule(
        .lookup(.gather), [.f32(.batch, 4), .i32(2)],
        "gather: operand 0 has type f32[B, 4], expected a table f32[rows, columns]"),
      Rule(
        .lookup(.scatterAdd(rows: 9)), [.i32(.batch), .f32(2, 4)],
        "scatter_add: operand 1 has type f32[2, 4], expected f32 of shape [B] with one static axis more"
      ),
      Rule(.lookup(.oneHot(depth: 0)), [.i32(.batch)], "one_hot: depth 0 is not positive"),
      Rule(
        .effect(.update("w", .f32(2))), [.f32(3)],
        "update: operand 0 has type f32[3], expected f32[2]"),
    ]

  @Test(arguments: rejected)
  func rejects(_ rule: Rule) { #expect(outcome(rule) == rule.expected) }

  @Test func everyOpRejectsTooManyOperands() {
    for opCase in OpSuite.cases {
      if case .concat = OpName(opCase.op) { continue }
      let types = opCase.operands.map(\.type) + [.f32(), .f32(), .f32()]
      #expect(throws: TypeError.self, "\(opCase)") { try opCase.op.infer(types) }
    }
  }

  @Test func theSuiteIsWellTyped() throws {
    for opCase in OpSuite.cases { try opCase.graph().requireValid() }
  }
}
