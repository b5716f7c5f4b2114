import GraphIR
import Passes
import TestSupport
import Testing

/// Every pass keeps what a graph computes: outputs and effects, in Double by the reference evaluator.
@Suite struct PassDifferentialTests {
  private func check(_ graph: Graph, _ run: GraphRun, _ pipeline: Pipeline) throws {
    var before = try run.results(of: graph)
    _ = try pipeline.run(graph) { name, graph, _ in
      let after = try run.results(of: graph)
      #expect(differences(before, after) == [], "after \(name):\n\(graph)")
      before = after
    }
  }

  @Test(arguments: 0..<40)
  func randomGraphs(seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed), usesRandom: seed % 3 == 0)
    try check(random.graph, GraphRun(random), .standard(.train))
  }

  @Test(arguments: 40..<50)
  func randomGraphsOfPrediction(seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed))
    try check(random.graph, GraphRun(random), .standard(.predict))
  }

  /// The passes of each golden file on its graph.
  @Test(arguments: GoldenCase.all())
  func goldenGraphs(_ golden: GoldenCase) throws {
    let graph = try golden.input()
    try check(graph, GraphRun(feeding: graph), golden.pipeline())
  }

  /// With any one pass off the step is still the same.
  @Test(arguments: try Pipeline.standard().passNames.filter { $0 != "differentiate" })
  func eachPassOff(_ name: String) throws {
    for seed in 50..<54 {
      let random = try RandomGraph(seed: UInt64(seed))
      let run = GraphRun(random)
      let all = try run.results(of: Pipeline.standard().run(random.graph))
      let some = try run.results(of: Pipeline.standard(disabled: [name]).run(random.graph))
      #expect(differences(all, some) == [], "without \(name), seed \(seed)")
    }
  }

  /// The random graphs above hold what the fusions look for.
  @Test func everyFusionHappens() throws {
    var found: Set<OpName> = []
    for seed in 0..<40 {
      let graph = try Pipeline.standard().run(RandomGraph(seed: UInt64(seed)).graph)
      found.formUnion(graph.nodes.map { OpName($0.op) })
    }
    let fused = Set(OpSuite.fused.map { OpName($0.op) }).union([.linear])
    #expect(fused.subtracting(found) == [])
  }
}
