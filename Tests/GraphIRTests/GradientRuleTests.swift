import GraphIR
import TensorTypes
import TestSupport
import Testing

/// What finite differences cannot see: choices at kinks, what is skipped, what is refused.
@Suite struct GradientRuleTests {
  /// The gradients of Σ op(x…) by all operands, which are fed with the values given.
  private func gradients(_ op: Op, _ values: [[Double]]) throws -> [[Double]?] {
    let builder = GraphBuilder(name: "g")
    let operands = try values.enumerated().map {
      try builder.input(InputID("x\($0)"), .f32(.fixed($1.count)))
    }
    let loss = try builder.sum(builder.emitOne(op, operands))
    let gradients = try ReverseMode.gradients(of: loss, by: operands, in: builder)
    let feeds = Dictionary(
      uniqueKeysWithValues: values.enumerated().map { (InputID("x\($0)"), $1) })
    let results = try ReferenceEvaluator(batch: 1, feeds: feeds).values(of: builder.graph)
    return gradients.map { $0.map { results[$0.index].elements } }
  }

  @Test func firstOperandWinsTies() throws {
    let values: [[Double]] = [[1, 2, 3], [1, 3, 2]]
    #expect(try gradients(.elementwise(.binary(.max)), values) == [[1, 0, 1], [0, 1, 0]])
    #expect(try gradients(.elementwise(.binary(.min)), values) == [[1, 1, 0], [0, 0, 1]])
  }

  @Test func reductionsShareTies() throws {
    let max = Op.reduction(.reduce(.max, axes: [0], keepAxes: false))
    let min = Op.reduction(.reduce(.min, axes: [0], keepAxes: false))
    #expect(try gradients(max, [[3, 1, 3, 0]]) == [[0.5, 0, 0.5, 0]])
    #expect(try gradients(min, [[3, 0, 0, 0, 0]]) == [[0, 0.25, 0.25, 0.25, 0.25]])
  }

  @Test func kinksHaveDerivativeZero() throws {
    #expect(try gradients(.elementwise(.unary(.relu)), [[0, -1, 1]]) == [[0, 0, 1]])
    #expect(try gradients(.elementwise(.unary(.abs)), [[0, -1, 1]]) == [[0, -1, 1]])
  }

  @Test func softplusAndItsGradientAreFiniteFarOut() throws {
    #expect(try gradients(.elementwise(.unary(.softplus)), [[-800, 800]]) == [[0, 1]])
  }

  @Test func piecewiseConstantOpsHaveNoGradient() throws {
    for kind in [ElementwiseOp.Unary.sign, .step] {
      #expect(try gradients(.elementwise(.unary(kind)), [[1, -1]]) == [nil])
    }
    #expect(try gradients(.elementwise(.stopGradient), [[1, -1]]) == [nil])
  }

  /// Sums over pairs are differentiated twice; a third time is refused and not taken for 0.
  @Test func curvatureOfPairsHasNoDerivative() throws {
    let builder = GraphBuilder(name: "g")
    let column = try (0..<3).map { try builder.input(InputID("x\($0)"), .f32(.batch, 1)) }
    let groups = try builder.input("groups", .i32(.batch, 2))
    let sums = try builder.pairSums(
      .curvature, over: .higher, of: column[0], scores: column[1], labels: column[2],
      groups: groups)
    let loss = try builder.sum(sums)
    #expect(try ReverseMode.gradients(of: loss, by: [column[0]], in: builder)[0] != nil)
    #expect(throws: TypeError.self) {
      try ReverseMode.gradients(of: loss, by: [column[1]], in: builder)
    }
    let constant = try ReverseMode.gradients(of: loss, by: [column[2]], in: builder)
    #expect(constant == [nil])
  }

  /// Rows that tie for the greatest of their group share its cotangents.
  @Test func greatestRowsOfAGroupShareTheCotangents() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(.batch, 1))
    let groups = try builder.input("groups", .i32(.batch, 2))
    let weights = try builder.input("w", .f32(.batch, 1))
    let greatest = try builder.group(.max, x, groups)
    let loss = try builder.sum(builder.mul(greatest, weights))
    let gradient = try #require(ReverseMode.gradients(of: loss, by: [x], in: builder)[0])
    let values = try ReferenceEvaluator(
      batch: 5,
      feeds: [
        "x": [2, 1, 2, 7, 7], "groups": [4, 1, 4, 1, 4, 1, 0, 0, 0, 0], "w": [1, 2, 3, 4, 5],
      ]
    ).values(of: builder.graph)
    #expect(values[greatest.index].elements == [2, 2, 2, 7, 7])
    #expect(values[gradient.index].elements == [3, 0, 3, 4, 5])
  }

  @Test func effectsHaveNoRule() throws {
    for opCase in OpSuite.cases where opCase.op.hasEffect {
      let builder = GraphBuilder(name: "g")
      let operands = try opCase.emitOperands(builder)
      let error = #expect(throws: MissingGradientRule.self) {
        try opCase.op.gradient(
          builder, operands: operands, results: [], cotangents: [], needed: [true])
      }
      #expect(error?.description == "\(opCase.op.mnemonic): has no gradient rule")
    }
  }

  /// Nothing is emitted for operands that need no cotangent, and none comes back for them.
  @Test func rulesSkipWhatIsNotNeeded() throws {
    for opCase in OpSuite.cases where !opCase.op.hasEffect && opCase.derivatives > 0 {
      let graph = try opCase.graph()
      guard let result = graph.outputs.first?.value, graph.type(of: result).dtype == .f32 else {
        continue
      }
      let node = graph.producer(of: result)
      let builder = GraphBuilder(extending: graph)
      let cotangent = try builder.input("cotangent", graph.type(of: result))
      let cotangents = [cotangent] + node.results.dropFirst().map { _ in nil }
      let before = builder.graph.nodes.count
      let none = try node.op.gradient(
        builder, operands: node.operands, results: node.results, cotangents: cotangents,
        needed: node.operands.map { _ in false })
      #expect(none == node.operands.map { _ in nil }, "\(opCase)")
      #expect(builder.graph.nodes.count == before, "\(opCase)")
      for wanted in node.operands.indices {
        let one = try node.op.gradient(
          builder, operands: node.operands, results: node.results, cotangents: cotangents,
          needed: node.operands.indices.map { $0 == wanted })
        for (index, gradient) in one.enumerated() {
          if index != wanted { #expect(gradient == nil, "\(opCase)") }
          if let gradient {
            #expect(builder.type(of: gradient) == graph.type(of: node.operands[index]))
          }
        }
      }
    }
  }

  @Test func noCotangentGivesNoGradient() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(2))
    let op = Op.elementwise(.unary(.exp))
    let y = try builder.emitOne(op, [x])
    #expect(
      try op.gradient(builder, operands: [x], results: [y], cotangents: [nil], needed: [true])
        == [nil])
  }

  @Test func cotangentOfAnotherTypeIsRefused() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(2))
    let op = Op.elementwise(.unary(.exp))
    let y = try builder.emitOne(op, [x])
    let scalar = try builder.constant(1)
    let error = #expect(throws: TypeError.self) {
      try op.gradient(builder, operands: [x], results: [y], cotangents: [scalar], needed: [true])
    }
    #expect(error?.description == "exp: the cotangent has type f32[], expected f32[2]")
  }

  /// Third derivatives: the rules' rules' rules.
  @Test func thirdDerivativeOfTanh() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32())
    var y = try builder.tanh(x)
    for _ in 0..<3 {
      y = try #require(ReverseMode.gradients(of: y, by: [x], in: builder)[0])
    }
    let values = try ReferenceEvaluator(batch: 1, feeds: ["x": [0.3]]).values(of: builder.graph)
    let tanh = values[1].elements[0]
    let expected = (1 - tanh * tanh) * (6 * tanh * tanh - 2)
    #expect(abs(values[y.index].elements[0] - expected) < 1e-12)
  }
}
