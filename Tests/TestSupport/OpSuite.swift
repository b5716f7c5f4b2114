import GraphIR
import TensorTypes

/// Applications of every op of the set: each kind, each flag, each way of broadcasting. Every way to
/// compute or to differentiate ops is run over them.
public enum OpSuite {
  public static let cases: [OpCase] =
    sources + elementwise + layout + reductions + matrices + lookups + convolutions + groups
    + fused + effects

  static func real(_ dimensions: Dimension...) -> OpCase.Operand {
    OpCase.Operand(TensorType(.f32, Shape(dimensions)), .real)
  }
  static func positive(_ dimensions: Dimension...) -> OpCase.Operand {
    OpCase.Operand(TensorType(.f32, Shape(dimensions)), .positive)
  }
  static func mask(_ dimensions: Dimension...) -> OpCase.Operand {
    OpCase.Operand(TensorType(.bool, Shape(dimensions)), .mask)
  }
  static func ids(_ rows: Int, _ dimensions: Dimension...) -> OpCase.Operand {
    OpCase.Operand(TensorType(.i32, Shape(dimensions)), .ids(rows: rows))
  }

  static let sources: [OpCase] = [
    OpCase(.source(.input("x", .f32(.batch, 4))), []),
    OpCase(.source(.parameter("w", .f32(3, 2))), []),
    OpCase(.source(.constant(0.1, .f32(2))), []),
    OpCase(.source(.constant(-3, .i32(.batch))), []),
    OpCase(.source(.constant(1, .bool())), []),
    OpCase(.source(.batchSize), []),
    OpCase(.source(.random(stream: 0, [.batch, 3])), []),
  ]

  static let elementwise: [OpCase] = {
    var cases: [OpCase] = []
    for kind in ElementwiseOp.Unary.allCases {
      let domain: OpCase.Domain = kind.isDefinedEverywhere ? .real : .positive
      cases.append(
        OpCase(.elementwise(.unary(kind)), [OpCase.Operand(.f32(.batch, 4), domain)]))
    }
    let pairs = [
      [real(.batch, 4), positive(.batch, 4)], [real(.batch, 4), positive(4)],
      [real(.batch, 1), positive(.batch, 4)], [real(), positive(.batch, 2)],
      [real(.batch, 2), positive()], [real(3, 1), positive(1, 2)],
      [real(.batch, 2, 3), positive(.batch, 1, 3)], [real(2), positive(.batch, 1, 1)],
    ]
    for kind in ElementwiseOp.Binary.allCases {
      cases += pairs.map { OpCase(.elementwise(.binary(kind)), $0) }
    }
    for kind in ElementwiseOp.Comparison.allCases {
      cases += pairs.prefix(2).map { OpCase(.elementwise(.compare(kind)), $0) }
      cases.append(OpCase(.elementwise(.compare(kind)), [mask(.batch, 2), mask(2)].map(asFloat)))
    }
    cases += [
      OpCase(.elementwise(.select), [mask(.batch, 4), real(.batch, 4), real(.batch, 4)]),
      OpCase(.elementwise(.select), [mask(.batch, 1), real(.batch, 4), real()]),
      OpCase(.elementwise(.select), [mask(4), real(4), real(.batch, 1)]),
      OpCase(.elementwise(.convertToFloat), [mask(.batch, 4)]),
      OpCase(.elementwise(.convertToFloat), [ids(5, .batch)]),
      OpCase(.elementwise(.isPresent), [ids(2, .batch, 3)]),
      OpCase(.elementwise(.stopGradient), [real(.batch, 4)]),
    ]
    return cases
  }()

  /// 0 and 1 as floats, so that comparisons meet equal numbers.
  private static func asFloat(_ operand: OpCase.Operand) -> OpCase.Operand {
    OpCase.Operand(TensorType(.f32, operand.type.shape), .mask)
  }

  static let layout: [OpCase] = [
    OpCase(.layout(.reshape([.batch, 2, 3])), [real(.batch, 6)]),
    OpCase(.layout(.reshape([6])), [real(2, 3)]),
    OpCase(.layout(.reshape([.batch, 1])), [ids(9, .batch)]),
    OpCase(.layout(.broadcast([.batch, 4])), [real(4)]),
    OpCase(.layout(.broadcast([.batch, 4])), [real(.batch, 1)]),
    OpCase(.layout(.broadcast([.batch, 2, 3])), [real(.batch, 1, 3)]),
    OpCase(.layout(.broadcast([2, 3])), [real()]),
    OpCase(.layout(.transpose([1, 0])), [real(.batch, 3)]),
    OpCase(.layout(.transpose([2, 0, 1])), [real(.batch, 2, 3)]),
    OpCase(.layout(.concat(axis: 1)), [real(.batch, 1), real(.batch, 3), real(.batch, 2)]),
    OpCase(.layout(.concat(axis: 0)), [real(1, 2), real(2, 2)]),
    OpCase(.layout(.concat(axis: 1)), [real(.batch, 2)]),
    OpCase(.layout(.concat(axis: 1)), [ids(4, .batch, 1), ids(4, .batch, 2)]),
    OpCase(.layout(.slice(axis: 1, start: 1, end: 3)), [real(.batch, 4)]),
    OpCase(.layout(.slice(axis: 2, start: 0, end: 1)), [real(.batch, 2, 3)]),
    OpCase(.layout(.slice(axis: 1, start: 0, end: 4)), [real(.batch, 4)]),
    OpCase(.layout(.pad(axis: 1, before: 1, after: 2)), [real(.batch, 2)]),
    OpCase(.layout(.pad(axis: 0, before: 0, after: 1)), [real(2, 2)]),
  ]

  static let reductions: [OpCase] = {
    var cases: [OpCase] = []
    for kind in ReductionOp.Kind.allCases {
      for keepAxes in [false, true] {
        for axes in [[0], [1], [0, 1], []] {
          cases.append(
            OpCase(
              .reduction(.reduce(kind, axes: axes, keepAxes: keepAxes)), [real(.batch, 4)]))
        }
        for axes in [[1], [0, 2], [2]] {
          cases.append(
            OpCase(
              .reduction(.reduce(kind, axes: axes, keepAxes: keepAxes)), [real(.batch, 2, 3)]))
        }
      }
    }
    cases.append(OpCase(.reduction(.softmax), [real(.batch, 4)]))
    cases.append(OpCase(.reduction(.softmax), [real(.batch, 2, 3)]))
    cases.append(OpCase(.reduction(.softmax), [real(5)]))
    return cases
  }()

  static let matrices: [OpCase] = {
    var cases: [OpCase] = []
    for transposeA in [false, true] {
      for transposeB in [false, true] {
        let a = transposeA ? real(4, .batch) : real(.batch, 4)
        let b = transposeB ? real(2, 4) : real(4, 2)
        let matmul = MatrixOp.matmul(transposeA: transposeA, transposeB: transposeB)
        cases.append(OpCase(.matrix(matmul), [a, b]))
        // The batch axis summed over, as in the gradient of a weight.
        cases.append(
          OpCase(
            .matrix(matmul),
            [
              transposeA ? real(.batch, 2) : real(2, .batch),
              transposeB ? real(3, .batch) : real(.batch, 3),
            ]))
        for hasBias in [false, true] {
          for activation in [nil] + EpilogueActivation.allCases.map(Optional.some) {
            for gradientOf in [nil] + EpilogueActivation.allCases.map(Optional.some) {
              let form = LinearForm(
                transposeA: transposeA, transposeB: transposeB, hasBias: hasBias,
                activation: activation, gradientOf: gradientOf)
              cases.append(
                OpCase(
                  .matrix(.linear(form)),
                  [a, b] + (hasBias ? [real(2)] : []) + (gradientOf == nil ? [] : [real(.batch, 2)])
                ))
            }
          }
        }
      }
    }
    return cases + groupedMatrices
  }()

  /// Several products side by side, addends, activations on some of the columns.
  static let groupedMatrices: [OpCase] = {
    func linear(_ form: LinearForm, _ operands: [OpCase.Operand]) -> OpCase {
      OpCase(.matrix(.linear(form)), operands)
    }
    var cases = [
      linear(LinearForm(groups: 2), [real(.batch, 6), real(2, 3, 2)]),
      linear(LinearForm(transposeB: true, groups: 2), [real(.batch, 6), real(2, 2, 3)]),
      linear(LinearForm(transposeA: true, groups: 2), [real(.batch, 6), real(.batch, 4)]),
      linear(LinearForm(hasAddend: true), [real(.batch, 3), real(3, 2), real(.batch, 2)]),
      linear(
        LinearForm(hasBias: true, hasAddend: true, activation: .tanh, gradientOf: .sigmoid),
        [real(.batch, 3), real(3, 2), real(2), real(.batch, 2), real(.batch, 2)]),
    ]
    for groups in [1, 2] {
      for (activation, gradientOf) in [
        (EpilogueActivation.sigmoid, nil), (nil, EpilogueActivation.tanh), (.tanh, .sigmoid),
        (.relu, .relu),
      ] as [(EpilogueActivation?, EpilogueActivation?)] {
        let width = Dimension.fixed(3 * groups)
        cases.append(
          linear(
            LinearForm(
              groups: groups, hasBias: true, activation: activation, gradientOf: gradientOf,
              activationColumns: 1..<3),
            [
              real(.batch, .fixed(2 * groups)), groups == 1 ? real(2, 3) : real(2, 2, 3),
              real(width),
            ] + (gradientOf == nil ? [] : [real(.batch, width)])))
      }
    }
    return cases
  }()

  static let lookups: [OpCase] = [
    OpCase(.lookup(.gather), [real(4, 2), ids(4, .batch)]),
    OpCase(.lookup(.gather), [real(3, 2), ids(3, .batch, 3)]),
    OpCase(.lookup(.scatterAdd(rows: 4)), [ids(4, .batch), real(.batch, 2)]),
    OpCase(.lookup(.scatterAdd(rows: 3)), [ids(3, .batch, 2), real(.batch, 2, 2)]),
    OpCase(.lookup(.oneHot(depth: 4)), [ids(4, .batch)]),
    OpCase(.lookup(.oneHot(depth: 3)), [ids(3, .batch, 2)]),
  ]

  static let groups: [OpCase] = {
    let numbers = OpCase.Operand(.i32(.batch, 2), .groups)
    let column = real(.batch, 1)
    var cases = GroupOp.Combination.allCases.flatMap { kind in
      [
        OpCase(.group(.combine(kind)), [real(.batch, 3), numbers]),
        OpCase(.group(.combine(kind)), [real(4, 1), OpCase.Operand(.i32(4, 2), .groups)]),
      ]
    }
    for function in GroupOp.PairFunction.allCases {
      cases += GroupOp.PairSide.allCases.map {
        OpCase(.group(.pairs(function, over: $0)), [column, column, column, numbers])
      }
    }
    return cases
  }()

  static let effects: [OpCase] = [
    OpCase(.effect(.update("x0", .f32(3, 2))), [real(3, 2)]),
    OpCase(.effect(.assign("x0", .f32())), [real()]),
  ]
}
