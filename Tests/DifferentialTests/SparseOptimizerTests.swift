import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Tables that are updated by rows: the compiled plan against the eager engine in double precision,
/// which is written from the rules' formulas.
@Suite struct SparseOptimizerTests {
  private static let rows = 64
  private static let dim = 20
  private static let batch = 24
  private static let length = 3

  /// One table read by a pooled sequence and by two single ids, one column wide or not; a second
  /// table on its own; a dense layer behind them.
  private func emit<E: Emitter>(on e: E) throws {
    func table(_ name: String, l2: Double) throws -> E.Tensor {
      try e.parameter(
        Parameter(
          ParameterID(name), .f32(.fixed(Self.rows), .fixed(Self.dim)), .uniform(0.5), l2: l2))
    }
    let shared = try table("embedding.shared", l2: 0.01)
    let other = try table("embedding.other", l2: 0)
    let ids = try e.input(InputID("ids"), .i32(.batch, 3))
    let sequence = try e.input(InputID("sequence"), .i32(.batch, .fixed(Self.length)))
    func single(_ t: E.Tensor, _ column: Int) throws -> E.Tensor {
      try e.gather(t, e.reshape(e.slice(ids, axis: 1, column..<column + 1), [.batch]))
    }
    let pooled = try e.sum(e.gather(shared, sequence), axes: [1])
    let x = try e.concat(
      [pooled, single(shared, 0), single(other, 1), single(shared, 2)], axis: 1)
    let w = try e.parameter(
      Parameter(ParameterID("w"), .f32(.fixed(4 * Self.dim), 4), .uniform(0.3)))
    let hidden = try e.relu(e.matmul(x, w))
    let loss = try e.mean(e.square(e.sub(e.sum(hidden, axes: [1]), e.constant(1, .f32()))))
    try e.output("loss", loss)
  }

  private func feeds(_ step: Int) -> [InputID: [Double]] {
    // Padding is left out; the same row comes many times.
    func id(_ k: Int) -> Double {
      let number = (k * 7 + step * 5 + k * k % 11) % (Self.rows + 3)
      return number >= Self.rows ? -1 : Double(number < 12 ? 3 : number)
    }
    return [
      InputID("ids"): (0..<Self.batch * 3).map { max(0, id($0)) },
      InputID("sequence"): (0..<Self.batch * Self.length).map { id($0 + 100) },
    ]
  }

  private func settings(_ kind: SparseOptimizer.Kind) -> Optimizer {
    Optimizer(
      kind: .adam, learningRate: 0.01,
      sparse: SparseOptimizer(
        kind: kind, learningRate: 0.05, [.l1: 0.001, .l2: 0.02],
        tables: ["embedding.shared", "embedding.other"]))
  }

  private func runner(
    _ kind: SparseOptimizer.Kind, threads: Int = 1, disabled: Set<String> = []
  ) throws -> PlanRunner {
    let builder = GraphBuilder(name: "sparse", isTraining: true)
    try emit(on: builder)
    let runner = try PlanRunner(
      builder.graph, capacity: Self.batch, disabled: disabled, threads: threads,
      optimizer: settings(kind))
    runner.session.initialize(seed: 5)
    return runner
  }

  private func train(_ runner: PlanRunner, steps: Int = 5) throws -> [String: [Float]] {
    for step in 0..<steps { _ = try runner.run(.train, rows: Self.batch, feeds: feeds(step)) }
    return try Dictionary(
      uniqueKeysWithValues: runner.plan.parameters.map {
        ($0.name, try runner.session.parameter($0.name))
      })
  }

  @Test(arguments: SparseOptimizer.Kind.allCases)
  func planAndEagerEngineAgree(_ kind: SparseOptimizer.Kind) throws {
    let eager = EagerModel<Double>(seed: 5, optimizer: settings(kind)) { try emit(on: $0) }
    for step in 0..<5 {
      try eager.step(
        batchSize: Self.batch,
        feeds: Dictionary(
          uniqueKeysWithValues: feeds(step).map { ($0, .ids($1.map { Int32($0) })) }))
    }
    let found = try train(runner(kind))
    for (name, values) in found {
      let expected = try #require(eager.engine.variable(ParameterID(name))?.values)
      for (value, other) in zip(values, expected) {
        #expect(abs(Double(value) - other) < 2e-4, "\(kind) \(name)")
      }
    }
  }

  @Test(arguments: SparseOptimizer.Kind.allCases)
  func threadsAndPassesDoNotMatter(_ kind: SparseOptimizer.Kind) throws {
    let one = try train(runner(kind))
    #expect(try train(runner(kind, threads: 3)) == one)
    // Without fused lookups and the gradient of the table as a whole the sums are other ones.
    let plain = try train(runner(kind, disabled: ["fuse_embeddings", "fuse_optimizer"]))
    for (name, values) in plain {
      for (a, b) in zip(values, try #require(one[name])) {
        #expect(abs(a - b) < 2e-4, "\(kind) \(name)")
      }
    }
  }

  /// The norm would need the gradients of whole tables.
  @Test func clippingByTheNormIsRefused() throws {
    let builder = GraphBuilder(name: "sparse", isTraining: true)
    try emit(on: builder)
    #expect(throws: LoweringError.self) {
      try PlanRunner(
        builder.graph, capacity: Self.batch, optimizer: settings(.sgd),
        settings: { $0.clipping = GradientClipping(norm: 1) })
    }
  }

  @Test func rowsThatAreNotUsedStay() throws {
    let runner = try runner(.lazyAdam)
    let before = try runner.session.parameter("embedding.other")
    _ = try runner.run(.train, rows: Self.batch, feeds: feeds(0))
    let after = try runner.session.parameter("embedding.other")
    let ids = try #require(feeds(0)[InputID("ids")])
    let used = Set((0..<Self.batch).map { Int(ids[$0 * 3 + 1]) })
    for row in 0..<Self.rows where !used.contains(row) {
      let places = row * Self.dim..<(row + 1) * Self.dim
      #expect(before[places] == after[places])
    }
    #expect(before != after)
    let instructions = try #require(runner.plan.program(.train)).instructions
    #expect(instructions.count { if case .sparseUpdate = $0 { true } else { false } } == 2)
    #expect(!instructions.contains { if case .scatterAdd = $0 { true } else { false } })
  }
}
