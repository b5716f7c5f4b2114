import GraphIR
import Passes
import TensorTypes
import Testing

@Suite struct PipelineTests {
  private struct Breaking: Pass {
    let name = "breaking"
    func run(_ graph: Graph) throws -> Graph {
      let builder = GraphBuilder(extending: graph)
      var broken = builder.graph
      broken.outputs.append(.init(name: "y", value: ValueID(99_999)))
      return broken
    }
  }

  private struct Refusing: Pass {
    struct Refusal: Error {}
    let name = "refusing"
    func run(_ graph: Graph) throws -> Graph { throw Refusal() }
  }

  /// - Parameter length: How many pairs of negations: a large graph is verified beside the next pass.
  private func graph(length: Int = 1) throws -> Graph {
    let builder = GraphBuilder(name: "g")
    var x = try builder.input("x", .f32(.batch, 2))
    for _ in 0..<length { x = try builder.neg(builder.neg(x)) }
    try builder.output("loss", builder.sum(x))
    return builder.graph
  }

  @Test func aBrokenGraphNamesThePass() throws {
    let error = #expect(throws: PassError.self) {
      try Pipeline([Simplify(), Breaking()]).run(graph())
    }
    #expect(error?.pass == "breaking")
  }

  /// Whatever the passes behind it make of the graph that it has broken.
  @Test(arguments: [1, 3000]) func theFirstBrokenPassIsNamed(length: Int) throws {
    for passes in [[Breaking(), Refusing()], [Breaking(), Breaking()], [Breaking()]] as [[any Pass]]
    {
      let error = #expect(throws: PassError.self) {
        try Pipeline(passes).run(graph(length: length))
      }
      #expect(error?.pass == "breaking")
      #expect(error?.underlying is VerificationError)
    }
    let error = #expect(throws: PassError.self) {
      try Pipeline([Refusing()]).run(graph(length: length))
    }
    #expect(error?.pass == "refusing")
  }

  @Test func unknownNamesSuggestTheNearest() throws {
    let error = #expect(throws: PassNameError.self) {
      try Pipeline.standard(disabled: ["fuse_expert"])
    }
    #expect(error?.description.contains("did you mean \"fuse_experts\"?") == true)
    #expect(throws: PassNameError.self) { try Pipeline.standard().stopping(after: "simplify.99") }
    #expect(throws: PassNameError.self) { try Pipeline.standard().require("") }
  }

  @Test func requiredPassesStay() throws {
    let error = #expect(throws: PassNameError.self) {
      try Pipeline.standard(disabled: ["differentiate"])
    }
    #expect(error?.description == "pass \"differentiate\": must run, and cannot be disabled")
  }

  @Test func stoppingAndObserving() throws {
    var names: [String] = []
    let pipeline = try Pipeline.standard(.predict).stopping(after: "simplify.2")
    let result = try pipeline.run(graph()) { name, _, seconds in
      names.append(name)
      #expect(seconds >= 0)
    }
    #expect(names.first == "simplify")
    #expect(names.last == "simplify.2")
    #expect(names.count == pipeline.steps.count)
    #expect(result.nodes.count == 2)
    let all = try Pipeline.standard()
    #expect(try all.stopping(after: "simplify").steps.last?.pass.name == "simplify")
    #expect(!(try Pipeline.standard(disabled: ["cse"]).passNames.contains("cse")))
  }

  @Test func differentiateSaysWhatItMisses() throws {
    let error = #expect(throws: DifferentiationError.self) {
      try Differentiate(loss: "total").run(graph())
    }
    #expect(error?.description == "the graph has no output \"total\"")
    let builder = GraphBuilder(name: "g")
    try builder.output("loss", builder.input("x", .f32(.batch)))
    #expect(throws: DifferentiationError.self) { try Differentiate().run(builder.graph) }
  }

  /// A rule can be replaced, so that a test sees whether a wrong one is noticed.
  @Test func rulesCanBeReplaced() throws {
    let builder = GraphBuilder(name: "g")
    let w = try builder.parameter(Parameter("w", .f32(2), .constant(1)))
    try builder.output("loss", builder.sum(builder.exp(w)))
    let differentiate = Differentiate(
      target: .outputs,
      rules: ["exp": { builder, node, cotangents, _ in [cotangents[0] ?? node.results[0]] }])
    let graph = try differentiate.run(builder.graph)
    let gradient = try #require(graph.output(named: "gradient.w"))
    #expect(graph.producer(of: gradient).op == .layout(.broadcast([2])))
  }

  /// Compile time is about linear in the number of ops: twice the experts, about twice the nodes.
  @Test func wideModelsStaySmall() throws {
    func count(_ experts: Int) throws -> Int {
      let builder = GraphBuilder(name: "g")
      let x = try builder.input("x", .f32(.batch, 9))
      var sum = try builder.constant(0)
      for expert in 0..<experts {
        let w = try builder.parameter(
          Parameter(ParameterID("w\(expert)"), .f32(9, 4), .uniform(0.1)))
        sum = try builder.add(sum, builder.sum(builder.relu(builder.matmul(x, w))))
      }
      try builder.output("loss", sum)
      let result = try Pipeline.standard().run(builder.graph)
      return result.nodes.count { $0.op.mnemonic == "linear" || $0.op.mnemonic == "matmul" }
    }
    #expect(try count(4) == 2)
    #expect(try count(64) == 2)
  }
}
