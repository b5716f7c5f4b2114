import GraphIR
import TensorTypes
import TestSupport
import Testing

@Suite struct TraversalTests {
  private func sample() throws -> Graph {
    try Graph(
      parsing: """
        graph @g {
          parameter @w : f32[2] = uniform(1)
          %0 = input $x : f32[B, 2]
          %1 = parameter @w : f32[2]
          %2 = mul %0, %0 : f32[B, 2]
          %3 = exp %2 : f32[B, 2]
          %4 = reduce_sum %0 {axes = [0]} : f32[2]
          update @w, %4
          return y = %2
        }
        """)
  }

  @Test func users() throws {
    let graph = try sample()
    let uses = GraphUses(graph)
    let values = graph.values.indices.map { ValueID($0) }
    #expect(
      values.map { Array(uses.nodes(of: $0)) } == [
        [NodeID(2), NodeID(2), NodeID(4)], [], [NodeID(3)], [], [NodeID(5)],
      ])
    #expect(values.map(uses.count) == [3, 0, 2, 0, 1])
    // %2 is an output too.
    #expect(values.map(uses.onlyUser) == [nil, nil, nil, nil, NodeID(5)])
  }

  @Test func reachability() throws {
    let graph = try sample()
    #expect(graph.ancestors(of: [ValueID(3)]) == [true, false, true, true, false, false])
    #expect(graph.liveNodes() == [true, false, true, false, true, true])
    #expect(graph.descendants(of: [ValueID(2)]) == [false, false, true, true, false])
  }

  @Test func lookUps() throws {
    let graph = try sample()
    #expect(
      graph.opCounts() == [
        "input": 1, "parameter": 1, "mul": 1, "exp": 1, "reduce_sum": 1, "update": 1,
      ])
    #expect(graph.inputs.map(\.id) == ["x"])
    #expect(graph.parameterReads == ["w": ValueID(1)])
    #expect(graph.parameter("w") == graph.parameters.first)
    #expect(graph.parameter("v") == nil)
    #expect(graph.output(named: "y") == ValueID(2))
  }
}

@Suite struct RewriterTests {
  @Test(arguments: 0..<20)
  func copyingChangesNothing(seed: Int) throws {
    let graph = try RandomGraph(seed: UInt64(seed), usesRandom: true).graph
    #expect(try graph.rewritten { _, _, _ in nil } == graph)
  }

  @Test func deadNodesCanBeLeftOut() throws {
    for seed in 0..<20 {
      let random = try RandomGraph(seed: UInt64(seed))
      let graph = random.graph
      let live = graph.liveNodes()
      let rewriter = GraphRewriter(of: graph)
      for id in graph.nodeIDs where live[id.index] { try rewriter.copy(id) }
      let smaller = try rewriter.finish()
      try smaller.requireValid()
      #expect(smaller.liveNodes().allSatisfy { $0 })
      #expect(smaller.parameters == graph.parameters)
      let evaluator = ReferenceEvaluator(
        batch: 2, feeds: random.feeds(batch: 2), parameters: random.parameterValues())
      #expect(try evaluator.outputs(of: smaller) == evaluator.outputs(of: graph))
    }
  }

  @Test func replacing() throws {
    let graph = try Graph(
      parsing: """
        graph @g {
          %0 = input $x : f32[B]
          %1 = neg %0 : f32[B]
          %2 = neg %1 : f32[B]
          %3 = exp %2 : f32[B]
          return y = %3
        }
        """)
    let simpler = try graph.rewritten { rewriter, _, node in
      guard node.op == .elementwise(.unary(.neg)),
        graph.producer(of: node.operands[0]).op == .elementwise(.unary(.neg))
      else { return nil }
      return [try rewriter.value(graph.producer(of: node.operands[0]).operands[0])]
    }
    #expect(
      simpler.text == """
        graph @g {
          %0 = input $x : f32[B]
          %1 = neg %0 : f32[B]
          %2 = exp %0 : f32[B]
          return y = %2
        }

        """)
  }

  @Test func readingWhatWasLeftOutIsAnError() throws {
    let graph = try RandomGraph(seed: 1).graph
    let rewriter = GraphRewriter(of: graph)
    let error = #expect(throws: RewriteError.self) { try rewriter.finish() }
    #expect(error?.value == graph.outputs[0].value)
    #expect(!rewriter.hasValue(graph.outputs[0].value))
  }

  @Test func newRandomStreamsAreFresh() throws {
    let graph = try Graph(
      parsing: """
        graph @g {
          %0 = batch_size : f32[]
          %1 = random {stream = 4} : f32[B]
          return y = %1
        }
        """)
    let rewritten = try graph.rewritten { rewriter, _, node in
      if node.op == .source(.batchSize) { _ = try rewriter.builder.random([.batch]) }
      return nil
    }
    try rewritten.requireValid()
    #expect(rewritten.nodes[0].op == .source(.random(stream: 5, [.batch])))
  }
}
