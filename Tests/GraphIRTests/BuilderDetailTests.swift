import GraphIR
import TensorTypes
import Testing

/// What the builder emits, node by node, and what it answers to wrong calls.
@Suite struct BuilderDetailTests {
  private func lines(_ body: (GraphBuilder) throws -> Void) throws -> [String] {
    let builder = GraphBuilder(name: "g")
    try body(builder)
    try builder.graph.requireValid()
    return builder.graph.nodeIDs.map { builder.graph.text(of: $0) }
  }

  private func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func meansAndSums() throws {
    #expect(
      try lines { builder in
        let x = try builder.input("x", .f32(.batch, 2, 4))
        _ = try builder.mean(x)
      } == [
        "%0 = input $x : f32[B, 2, 4]", "%1 = reduce_sum %0 {axes = [0, 1, 2]} : f32[]",
        "%2 = constant 0.125 : f32[]", "%3 = mul %1, %2 : f32[]", "%4 = batch_size : f32[]",
        "%5 = div %3, %4 : f32[]",
      ])
    #expect(
      try lines { builder in
        let x = try builder.input("x", .f32(5))
        _ = try builder.mean(x)
      } == [
        "%0 = input $x : f32[5]", "%1 = reduce_sum %0 {axes = [0]} : f32[]",
        "%2 = constant 0.2 : f32[]", "%3 = mul %1, %2 : f32[]",
      ])
  }

  @Test func undoingBroadcasting() throws {
    #expect(
      try lines { builder in
        let x = try builder.input("x", .f32(.batch, 2, 3))
        _ = try builder.sum(x, to: [2, 1])
        _ = try builder.sum(x, to: [3])
        _ = try builder.sum(x, to: [.batch, 1, 3])
        let y = try builder.input("y", .f32(1, 4))
        _ = try builder.sum(y, to: [1, 1])
        let z = try builder.input("z", .f32(1, 1))
        _ = try builder.sum(z, to: [1])
      } == [
        "%0 = input $x : f32[B, 2, 3]", "%1 = reduce_sum %0 {axes = [0, 2]} : f32[2]",
        "%2 = reshape %1 : f32[2, 1]", "%3 = reduce_sum %0 {axes = [0, 1]} : f32[3]",
        "%4 = reshape %3 : f32[3]", "%5 = reduce_sum %0 {axes = [1]} : f32[B, 3]",
        "%6 = reshape %5 : f32[B, 1, 3]", "%7 = input $y : f32[1, 4]",
        "%8 = reduce_sum %7 {axes = [1]} : f32[1]", "%9 = reshape %8 : f32[1, 1]",
        "%10 = input $z : f32[1, 1]", "%11 = reduce_sum %10 {axes = [0]} : f32[1]",
        "%12 = reshape %11 : f32[1]",
      ])
  }

  @Test func gradientsWithinAModel() throws {
    func gradient(createGraph: Bool) throws -> [String] {
      try lines { builder in
        let (x, y) = (try builder.input("x", .f32(2)), try builder.input("y", .f32(3)))
        let z = try builder.exp(x)
        let gradients = try builder.gradients(
          of: z, withRespectTo: [y, x], createGraph: createGraph)
        #expect(gradients == [ValueID(5), ValueID(createGraph ? 4 : 6)])
      }
    }
    let common = [
      "%0 = input $x : f32[2]", "%1 = input $y : f32[3]", "%2 = exp %0 : f32[2]",
      "%3 = constant 1.0 : f32[2]", "%4 = mul %3, %2 : f32[2]", "%5 = constant 0.0 : f32[3]",
    ]
    #expect(try gradient(createGraph: true) == common)
    #expect(try gradient(createGraph: false) == common + ["%6 = stop_gradient %4 : f32[2]"])
  }

  @Test func opsOfSeveralResultsAreNoSingleOnes() throws {
    let builder = GraphBuilder(name: "g")
    let w = try builder.parameter(Parameter("w", .f32(2), .uniform(1)))
    #expect(
      message { _ = try builder.emitOne(.effect(.assign("w", .f32(2))), [w]) }
        == "assign: has 0 results where one is expected")
    let (x, y) = (
      try builder.input("x", .f32(.batch, 2)), try builder.input("y", .f32(.batch, 1))
    )
    #expect(
      message {
        _ = try builder.emitOne(.fused(.mixture(MixtureForm(width: 2, gates: [[0]]))), [x, y])
      } == "mixture: has 2 results where one is expected")
  }

  @Test func gradientRulesCheckWhatTheyAreGiven() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(2))
    let y = try builder.exp(x)
    let g = try builder.input("g", .f32(3))
    let exp = Op.elementwise(.unary(.exp))
    func gradient(
      _ op: Op, _ cotangents: [ValueID?], _ needed: [Bool]
    ) throws -> [ValueID?] {
      try op.gradient(
        builder, operands: [x], results: [y], cotangents: cotangents, needed: needed)
    }
    let one = "exp: gradient asked for with"
    #expect(
      message { _ = try gradient(exp, [y], [true, false]) }
        == "\(one) 2 flags for 1 operands and 1 cotangents for 1 results")
    #expect(
      message { _ = try gradient(exp, [y, y, y], [true]) }
        == "\(one) 1 flags for 1 operands and 3 cotangents for 1 results")
    #expect(
      message { _ = try gradient(exp, [g], [true]) }
        == "exp: the cotangent has type f32[3], expected f32[2]")
    #expect(
      message { _ = try gradient(.effect(.update("w", .f32(2))), [y], [true]) }
        == "update: has no gradient rule")
    let count = builder.graph.nodes.count
    #expect(try gradient(exp, [nil], [true]) == [nil])
    #expect(try gradient(exp, [y], [false]) == [nil])
    #expect(builder.graph.nodes.count == count)
    let curvature = Op.group(.pairs(.curvature, over: .lower))
    let column = try builder.input("c", .f32(.batch, 1))
    let groups = try builder.input("groups", .i32(.batch, 2))
    #expect(
      message {
        _ = try curvature.gradient(
          builder, operands: [column, column, column, groups], results: [column],
          cotangents: [column], needed: [false, true, true, true])
      }
        == "group_pairs: curvature has no derivative: the function of pairs is differentiated "
        + "twice at most")
  }

  @Test func rewriting() throws {
    let graph = try Graph(
      parsing: """
        graph @"two words" {
          %0 = input $x : f32[B]
          %1 = neg %0 : f32[B]
          %2 = exp %1 : f32[B]
          return y = %2
        }
        """)
    let rewriter = GraphRewriter(of: graph, first: 2)
    #expect(rewriter.builder.graph.nodes.count == 2)
    #expect([0, 1, 2].map { rewriter.hasValue(ValueID($0)) } == [true, true, false])
    #expect(
      message { _ = try rewriter.finish() }
        == "rewriting @two words: %2 is read, and its node was neither copied nor replaced")
    rewriter.replace(ValueID(1), with: ValueID(0))
    #expect(try rewriter.values([ValueID(0), ValueID(1)]) == [ValueID(0), ValueID(0)])
    #expect(try rewriter.copy(NodeID(2)) == [ValueID(2)])
    let result = try rewriter.finish()
    #expect(result.text(of: NodeID(2)) == "%2 = exp %0 : f32[B]")
    #expect(result.outputs == [.init(name: "y", value: ValueID(2))])
  }

  @Test func numbersOfStreams() throws {
    let builder = GraphBuilder(name: "g")
    #expect([builder.makeRandomStream(), builder.makeRandomStream()] == [0, 1])
    try builder.emit(.source(.random(stream: 7, [2])), [])
    try builder.emit(.source(.random(stream: 3, [2])), [])
    #expect(builder.makeRandomStream() == 8)
    #expect(GraphBuilder(extending: builder.graph).makeRandomStream() == 8)
    #expect(!GraphBuilder(extending: builder.graph, isTraining: false).isTraining)
    #expect(GraphBuilder(name: "g").isTraining)
  }

  @Test func oneFindingAndSeveral() throws {
    let builder = GraphBuilder(name: "my graph")
    let x = try builder.input("x", .f32(2))
    try builder.output("a b", x)
    var graph = builder.graph
    graph.outputs[0].value = ValueID(9)
    let error = #expect(throws: VerificationError.self) { try graph.requireValid() }
    #expect(
      error?.description
        == "@\"my graph\": 1 finding\noutput: \"a b\" is %9, not a value of the graph")
    graph.outputs.append(graph.outputs[0])
    let second = #expect(throws: VerificationError.self) { try graph.requireValid() }
    #expect(
      second?.description == """
        @"my graph": 3 findings
        output: "a b" is %9, not a value of the graph
        output: the name "a b" is there twice
        output: "a b" is %9, not a value of the graph
        """)
    #expect(second?.findings.map(\.node) == [nil, nil, nil])
  }

  @Test func identifiersAreOrdered() {
    #expect(ValueID(2) < ValueID(10) && !(ValueID(10) < ValueID(2)) && !(ValueID(2) < ValueID(2)))
    #expect(NodeID(2) < NodeID(10) && !(NodeID(10) < NodeID(2)) && !(NodeID(2) < NodeID(2)))
    #expect(ParameterID("a") < ParameterID("b") && !(ParameterID("b") < ParameterID("a")))
    #expect("\(ValueID(3)) \(NodeID(4))" == "%3 #4")
  }

  @Test func valuesOfElementwiseOps() {
    let binary: [(ElementwiseOp.Binary, Double, Bool)] = [
      (.add, 6, false), (.sub, -3, false), (.mul, 6.75, false), (.div, 1.5 / 4.5, false),
      (.max, 4.5, true), (.min, 1.5, true),
    ]
    #expect(binary.map(\.0) == ElementwiseOp.Binary.allCases)
    for (kind, expected, hasKink) in binary {
      #expect(ElementwiseOp.binary(kind).value(at: [1.5, 4.5]) == expected)
      #expect(kind.hasKink == hasKink)
    }
    let comparisons: [(ElementwiseOp.Comparison, String)] = [
      (.equal, "="), (.notEqual, "<>"), (.less, "<"), (.lessEqual, "<="), (.greater, ">"),
      (.greaterEqual, ">="),
    ]
    for (kind, signs) in comparisons {
      let values = [[1.0, 2.0], [2.0, 2.0], [3.0, 2.0]].map {
        ElementwiseOp.compare(kind).value(at: $0)
      }
      #expect(values == ["<", "=", ">"].map { signs.contains($0) ? 1 : 0 }, "\(kind)")
    }
    #expect(ElementwiseOp.select.value(at: [1, 5, 7]) == 5)
    #expect(ElementwiseOp.select.value(at: [0, 5, 7]) == 7)
    #expect(ElementwiseOp.convertToFloat.value(at: [4]) == 4)
    #expect([-1, 0, 3].map { ElementwiseOp.isPresent.value(at: [$0]) } == [0, 1, 1])
    #expect(ElementwiseOp.stopGradient.value(at: [1]) == nil)
    let activations = ElementwiseOp.Unary.allCases.compactMap { EpilogueActivation($0) }
    #expect(activations == [.relu, .sigmoid, .tanh])
  }
}
