import GraphIR
import TensorTypes
import TestSupport
import Testing

/// Each invariant broken once.
@Suite struct VerifierTests {
  /// `%2 = matmul %0, %1`, an update of `@w`, a random op and two outputs.
  private func sound() throws -> Graph {
    try Graph(
      parsing: """
        graph @g {
          parameter @w : f32[4, 2] = uniform(1)
          parameter @frozen : f32[4, 2] = constant(0) frozen
          %0 = input $x : f32[B, 4]
          %1 = parameter @w : f32[4, 2]
          %2 = matmul %0, %1 : f32[B, 2]
          %3 = matmul %0, %2 {transpose_a} : f32[4, 2]
          %4 = random {stream = 0} : f32[B, 2]
          %5 = add %2, %4 : f32[B, 2]
          update @w, %3
          return y = %5, z = %2
        }
        """)
  }

  private func findings(_ change: (inout Graph) -> Void) throws -> [String] {
    var graph = try sound()
    #expect(graph.verify().isEmpty)
    change(&graph)
    return graph.verify().map(\.message)
  }

  @Test func operandTypes() throws {
    let messages = try findings { $0.nodes[2].operands[1] = ValueID(0) }
    #expect(messages == ["matmul: operand 1 (%0) has type f32[B, 4], expected f32[4, *]"])
  }

  @Test func resultTypes() throws {
    #expect(
      try findings { $0.values[5].type = .f32(.batch, 3) }
        == ["add: result 0 (%5) has type f32[B, 3], expected f32[B, 2]"])
    #expect(
      try findings { $0.values[5].type = .f32(.batch, .batch) }
        == ["add: result 0 (%5) has type f32[B, B], expected f32[B, 2]"])
  }

  @Test func resultCount() throws {
    #expect(
      try findings { $0.nodes[6].results = [ValueID(6)] }
        == [
          "update: result 0 (%6) has no record", "update: has 1 results, expected 0",
          "the graph has 6 values, and its nodes have 7 results",
        ])
  }

  @Test func order() throws {
    #expect(
      try findings { $0.nodes[2].operands[0] = ValueID(2) }
        == [
          "matmul: operand 0 (%2) is computed by #2, expected an earlier node",
          "matmul: operand 1 (%1) has type f32[4, 2], expected f32[2, *]",
        ])
  }

  @Test func unknownValues() throws {
    #expect(
      try findings { $0.nodes[5].operands = [ValueID(-1), ValueID(99)] }
        == [
          "add: operand 0 (%-1) is not a value of the graph",
          "add: operand 1 (%99) is not a value of the graph",
        ])
  }

  @Test func numbering() throws {
    #expect(
      try findings { $0.nodes[5].results = [ValueID(4)] }
        == [
          "add: result 0 is %4, expected %5"
        ])
    #expect(
      try findings { $0.values[5].node = NodeID(1) }
        == ["add: %5 is on record as result 0 of #1, expected result 0 of #5"])
    #expect(
      try findings { $0.values.append($0.values[0]) }
        == ["the graph has 7 values, and its nodes have 6 results"])
  }

  @Test func parameters() throws {
    #expect(
      try findings { $0.parameters.append($0.parameters[0]) }
        == ["parameter: @w is declared twice"])
    #expect(
      try findings { $0.parameters[1].type = .f32(0) }
        == ["parameter: @frozen has type f32[0], which has an axis of size 0"])
    #expect(
      try findings { $0.parameters.removeFirst() }
        == ["parameter: @w is not declared", "update: @w is not declared"])
    #expect(
      try findings { $0.parameters[0].type = .f32(2, 4) }
        == [
          "parameter: @w has type f32[4, 2], expected f32[2, 4] as declared",
          "update: @w has type f32[4, 2], expected f32[2, 4] as declared",
        ])
  }

  @Test func readsAndEffects() throws {
    #expect(
      try findings { graph in
        graph.nodes[4].op = .source(.input("x", .f32(.batch, 2)))
      } == ["input: $x is read by #0 already"])
    #expect(
      try findings { graph in
        graph.nodes[0].op = .source(.parameter("w", .f32(4, 2)))
        graph.values[0].type = .f32(4, 2)
        graph.nodes[2].op = .matrix(.matmul(transposeA: true, transposeB: false))
        graph.values[2].type = .f32(2, 2)
        graph.nodes[3].op = .matrix(.matmul(transposeA: false, transposeB: false))
        graph.nodes[4].op = .source(.random(stream: 0, [2, 2]))
        graph.values[4].type = .f32(2, 2)
        graph.values[5].type = .f32(2, 2)
      } == ["parameter: @w is read by #0 already"])
    #expect(
      try findings { $0.nodes.append($0.nodes[6]) } == ["update: @w is changed by #6 already"])
    #expect(
      try findings { $0.nodes[6].op = .effect(.update("frozen", .f32(4, 2))) }
        == ["update: @frozen is not trainable"])
    #expect(try findings { $0.nodes[6].op = .effect(.assign("frozen", .f32(4, 2))) } == [])
  }

  @Test func randomStreams() throws {
    #expect(
      try findings { graph in
        graph.nodes[0].op = .source(.random(stream: 0, [.batch, 4]))
      } == ["random: stream 0 is used by #0 already"])
    #expect(
      try findings { $0.nodes[4].op = .source(.random(stream: -2, [.batch, 2])) }
        == ["random: stream -2 is negative"])
  }

  @Test func outputs() throws {
    #expect(
      try findings { $0.outputs[1].name = "y" } == ["output: the name y is there twice"])
    #expect(
      try findings { $0.outputs[1].value = ValueID(17) }
        == ["output: z is %17, not a value of the graph"])
  }

  @Test func allFindingsAreCollectedWithTheirPlace() throws {
    var graph = try sound()
    graph.nodes[2].operands[1] = ValueID(0)
    graph.outputs[0].value = ValueID(17)
    let error = #expect(throws: VerificationError.self) { try graph.requireValid() }
    #expect(
      error?.description == """
        @g: 2 findings
        matmul: operand 1 (%0) has type f32[B, 4], expected f32[4, *]
          in #2: %2 = matmul %0, %0 : f32[B, 2]
        output: y is %17, not a value of the graph
        """)
  }

  /// However graphs are broken, verifying and printing them does not trap.
  @Test(arguments: 0..<20)
  func brokenGraphsDoNotTrap(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let sound = try RandomGraph(seed: UInt64(seed), steps: 4, usesRandom: true).graph
    let ops = OpSuite.cases.map(\.op)
    for _ in 0..<50 {
      var graph = sound
      for _ in 0..<3 {
        let node = Int.random(in: 0..<graph.nodes.count, using: &generator)
        let value = ValueID(Int.random(in: -2..<graph.values.count + 2, using: &generator))
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: graph.nodes[node].op = ops.randomElement(using: &generator) ?? ops[0]
        case 1: graph.nodes[node].operands.append(value)
        case 2: graph.nodes[node].operands = graph.nodes[node].operands.dropLast()
        case 3: graph.nodes[node].results.append(value)
        case 4: graph.nodes.remove(at: node)
        case 5: graph.values.removeLast()
        case 6: graph.nodes.swapAt(0, node)
        default: graph.values[0].type = .f32(.batch, .fixed(value.index), .batch)
        }
      }
      _ = graph.text
      if graph != sound, graph.verify().isEmpty {
        // What still verifies is a graph: it reads back.
        #expect(try Graph(parsing: graph.text) == graph)
      }
    }
  }
}
