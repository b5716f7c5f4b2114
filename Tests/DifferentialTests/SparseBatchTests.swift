import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Updates by rows at a batch whose ids are cut into chunks and parts: rows of one vector and of
/// several, means beside sums, and one id so frequent that its part is a large one.
@Suite struct SparseBatchTests {
  private static let rows = 3000
  private static let batch = 2048
  private static let length = 4

  private func emit<E: Emitter>(on e: E) throws {
    func table(_ name: String, _ dimension: Int) throws -> E.Tensor {
      try e.parameter(
        Parameter(
          ParameterID(name), .f32(.fixed(Self.rows), .fixed(dimension)), .uniform(0.5), l2: 0.01))
    }
    let narrow = try table("embedding.narrow", 12)
    let wide = try table("embedding.wide", 20)
    let ids = try e.input(InputID("ids"), .i32(.batch, .fixed(Self.length)))
    let single = try e.reshape(e.slice(ids, axis: 1, 1..<2), [.batch])
    let present = try e.convertToFloat(e.isPresent(ids))
    let mean = try e.div(
      e.sum(e.gather(narrow, ids), axes: [1]),
      e.max(e.sum(present, axes: [1], keepAxes: true), e.constant(1, .f32())))
    let x = try e.concat(
      [
        mean, e.gather(narrow, single),
        e.sum(e.gather(wide, ids), axes: [1]),
      ], axis: 1)
    let w = try e.parameter(Parameter(ParameterID("w"), .f32(.fixed(44), 1), .uniform(0.3)))
    try e.output("loss", e.mean(e.square(e.sub(e.matmul(x, w), e.constant(1, .f32())))))
  }

  private var feeds: [InputID: [Double]] {
    [
      InputID("ids"): (0..<Self.batch * Self.length).map { place in
        if place % 3 == 0 { return 7 }
        if place % 13 == 4, place % 4 != 1 { return -1 }
        return Double((place &* 7919 &+ place / 11) % Self.rows)
      }
    ]
  }

  private func settings(_ kind: SparseOptimizer.Kind) -> Optimizer {
    Optimizer(
      kind: .adam, learningRate: 0.01,
      sparse: SparseOptimizer(
        kind: kind, learningRate: 0.05, [.l1: 1e-4, .l2: 0.02],
        tables: ["embedding.narrow", "embedding.wide"]))
  }

  private func train(_ kind: SparseOptimizer.Kind, threads: Int) throws -> [String: [Float]] {
    let builder = GraphBuilder(name: "sparse", isTraining: true)
    try emit(on: builder)
    let runner = try PlanRunner(
      builder.graph, capacity: Self.batch, disabled: [], threads: threads,
      optimizer: settings(kind))
    runner.session.initialize(seed: 5)
    for _ in 0..<2 { _ = try runner.run(.train, rows: Self.batch, feeds: feeds) }
    return try Dictionary(
      uniqueKeysWithValues: runner.plan.parameters.map {
        ($0.name, try runner.session.parameter($0.name))
      })
  }

  @Test(arguments: SparseOptimizer.Kind.allCases)
  func planAndEagerEngineAgree(_ kind: SparseOptimizer.Kind) throws {
    let found = try train(kind, threads: 1)
    #expect(try train(kind, threads: 3) == found)
    let eager = EagerModel<Double>(seed: 5, optimizer: settings(kind)) { try emit(on: $0) }
    for _ in 0..<2 {
      try eager.step(
        batchSize: Self.batch, feeds: feeds.mapValues { .ids($0.map { Int32($0) }) })
    }
    for (name, values) in found {
      let expected = try #require(eager.engine.variable(ParameterID(name))?.values)
      let worst = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? 1
      // The first steps of Adam divide by a gradient that may be next to nothing.
      #expect(worst < (kind == .lazyAdam ? 5e-3 : 5e-4), "\(kind) \(name): \(worst)")
    }
  }
}
