import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Rows of tables narrower than a vector, as wide and wider, with a penalty, and rows whose gradient is
/// zero, which stay: against the eager engine in double precision.
@Suite struct SparseRowTests {
  private static let rows = 40
  private static let batch = 12

  /// A table of 40 rows and a dense layer; rows of the batch whose `share` is 0 have no gradient.
  private func emit<E: Emitter>(_ dim: Int, _ pooling: Bool, on e: E) throws {
    let table = try e.parameter(
      Parameter(
        ParameterID("embedding.t"), .f32(.fixed(Self.rows), .fixed(dim)), .uniform(0.5), l2: 0.03))
    let ids = try e.input(InputID("ids"), .i32(.batch, 2))
    let share = try e.input(InputID("share"), .f32(.batch, 1))
    let found = try e.gather(table, ids)
    let x = try pooling ? e.sum(found, axes: [1]) : e.reshape(found, [.batch, .fixed(2 * dim)])
    let w = try e.parameter(
      Parameter(
        ParameterID("w"), .f32(.fixed(pooling ? dim : 2 * dim), 3), .uniform(0.3)))
    let y = try e.mul(e.matmul(x, w), share)
    try e.output("loss", e.sum(e.square(e.sub(y, e.constant(1, .f32())))))
  }

  private func feeds(_ step: Int) -> [InputID: [Double]] {
    [
      // The ids of the last rows, 30 and more, occur with no share in the first steps.
      InputID("ids"): (0..<Self.batch * 2).map { k in
        Double(k < Self.batch ? (k * 5 + step) % 9 : 30 + (k + step * 3) % 10)
      },
      InputID("share"): (0..<Self.batch).map { row in
        row < Self.batch / 2 || step > 2 ? 1 + Double(row % 3) : 0
      },
    ]
  }

  private func settings(_ kind: SparseOptimizer.Kind) -> Optimizer {
    Optimizer(
      kind: .adam, learningRate: 0.01,
      sparse: SparseOptimizer(
        kind: kind, learningRate: 0.05, [.l1: 0.001, .l2: 0.02], tables: ["embedding.t"]))
  }

  @Test(arguments: SparseOptimizer.Kind.allCases, [5, 8, 16, 24])
  func planAndEagerEngineAgree(_ kind: SparseOptimizer.Kind, dim: Int) throws {
    for pooling in [true, false] {
      let builder = GraphBuilder(name: "rows", isTraining: true)
      try emit(dim, pooling, on: builder)
      let runner = try PlanRunner(
        builder.graph, capacity: Self.batch, optimizer: settings(kind))
      runner.session.initialize(seed: 5)
      let eager = EagerModel<Double>(seed: 5, optimizer: settings(kind)) {
        try emit(dim, pooling, on: $0)
      }
      let start = try runner.session.parameter("embedding.t")
      for step in 0..<5 {
        let feeds = feeds(step)
        _ = try runner.run(.train, rows: Self.batch, feeds: feeds)
        try eager.step(
          batchSize: Self.batch,
          feeds: [
            InputID("ids"): .ids((feeds[InputID("ids")] ?? []).map { Int32($0) }),
            InputID("share"): .floats((feeds[InputID("share")] ?? []).map { $0 }),
          ])
        let found = try runner.session.parameter("embedding.t")
        let expected = try #require(eager.engine.variable(ParameterID("embedding.t"))?.values)
        for (k, (value, other)) in zip(found, expected).enumerated() {
          #expect(
            abs(Double(value) - other) < 1e-4, "\(kind) \(dim) step \(step): row \(k / dim)")
        }
        if step < 3 {
          #expect(found[(30 * dim)...] == start[(30 * dim)...], "\(kind) \(dim) step \(step)")
        }
      }
      #expect(try runner.session.parameter("embedding.t")[(30 * dim)...] != start[(30 * dim)...])
    }
  }

  /// Rows start at parts of a cache line where that takes no more than a third more memory.
  @Test(arguments: [
    (1, 1), (2, 2), (3, 4), (5, 5), (6, 8), (7, 8), (9, 9), (11, 11), (12, 16), (16, 16), (17, 17),
    (23, 23), (24, 32), (33, 33), (36, 48), (40, 48),
  ]) func rowsOfTablesAreSetApart(dim: Int, stride: Int) throws {
    let builder = GraphBuilder(name: "rows", isTraining: true)
    try emit(dim, true, on: builder)
    let plan = try PlanRunner(builder.graph, capacity: Self.batch, optimizer: settings(.sgd)).plan
    let table = try #require(plan.parameters.first { $0.name == "embedding.t" })
    #expect(table.rowStride == stride && table.columns == dim)
    // A table that all of the optimizer steps lies as close as other parameters.
    let dense = try PlanRunner(builder.graph, capacity: Self.batch).plan
    #expect(dense.parameters.first { $0.name == "embedding.t" }?.rowStride == dim)
  }
}
