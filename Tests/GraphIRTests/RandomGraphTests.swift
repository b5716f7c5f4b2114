import GraphIR
import TensorTypes
import TestSupport
import Testing

@Suite struct RandomGraphTests {
  @Test(arguments: 0..<60)
  func isValidAndTame(seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed), usesRandom: seed % 2 == 0)
    #expect(random.graph.verify().isEmpty)
    let outputs = try ReferenceEvaluator(
      batch: 4, feeds: random.feeds(batch: 4), parameters: random.parameterValues()
    ).outputs(of: random.graph)
    let loss = try #require(outputs["loss"])
    #expect(loss.elements[0].isFinite && abs(loss.elements[0]) < 100)
    #expect(outputs["prediction"]?.sizes == [4, 1])
  }

  @Test func theSeedDeterminesTheGraph() throws {
    #expect(try RandomGraph(seed: 3).graph == RandomGraph(seed: 3).graph)
    #expect(try RandomGraph(seed: 3).graph != RandomGraph(seed: 4).graph)
  }

  @Test func manyGraphsHaveNearlyEveryOp() throws {
    var names: Set<OpName> = []
    for seed in 0..<100 {
      let graph = try RandomGraph(seed: UInt64(seed), usesRandom: true).graph
      names.formUnion(graph.nodes.map { OpName($0.op) })
    }
    // Effects, fused ops and the gradients of gather, convolutions and pairs come from passes.
    let fused = Set(OpSuite.fused.map { OpName($0.op) })
    let gradients: Set<OpName> = [
      .scatterAdd, .convolutionInputGradient, .convolutionFilterGradient, .poolScatter,
      .pairs(.curvature),
    ]
    #expect(
      OpName.all.subtracting(names)
        == fused.union(gradients).union([.update, .assign, .linear]))
  }

  /// The gradient of the whole graph by every parameter, against central differences of a few
  /// elements.
  @Test(arguments: 0..<8)
  func gradientsOfWholeGraphs(seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed), steps: 8)
    let builder = GraphBuilder(extending: random.graph)
    let loss = try #require(random.graph.output(named: "loss"))
    let reads = random.graph.parameterReads
    let parameters = random.graph.parameters.map(\.id)
    let gradients = try ReverseMode.gradients(
      of: loss, by: parameters.compactMap { reads[$0] }, in: builder)
    var evaluator = ReferenceEvaluator(
      batch: 3, feeds: random.feeds(batch: 3), parameters: random.parameterValues())
    let values = try evaluator.values(of: builder.graph)
    for (id, gradient) in zip(parameters, gradients) {
      let exact = gradient.map { values[$0.index].elements[0] } ?? 0
      let start = try #require(evaluator.parameters[id])
      func lossAfter(_ delta: Double) throws -> Double {
        evaluator.parameters[id]?[0] += delta
        defer { evaluator.parameters[id] = start }
        return try evaluator.values(of: random.graph)[loss.index].elements[0]
      }
      let difference = try (lossAfter(1e-5) - lossAfter(-1e-5)) / 2e-5
      // stop_gradient makes the rule differ from the difference on purpose.
      if random.graph.opCounts()["stop_gradient"] == nil {
        #expect(abs(exact - difference) < 1e-5 * max(1, abs(exact)), "seed \(seed), \(id)")
      }
    }
  }
}
