import GraphIR
import Passes
import Plan
import Runtime
import TensorTypes
import Testing

/// What a training step of a small batch is compiled to: products cut along the sum, and one-hot
/// gradients that step their rows at once. Each against the plain form.
@Suite struct SmallBatchTests {
  private static let rows = 32
  private static let numbers = 200
  private static let depths = [90, 300, 7, 121]
  /// So many rows of a one-hot weight that the batch lacks most of that they cannot all be stepped
  /// beside the chain of small levels.
  private static let manyDepths = [Int](repeating: 100, count: 20)
  private static let width = 48

  /// Numbers and ids, as one-hot columns or as the dense columns that they stand for.
  private func graph(dense: Bool, _ depths: [Int]) throws -> Graph {
    let e = GraphBuilder(name: "small batch")
    let x = try e.input(InputID("x"), .f32(.batch, .fixed(Self.numbers)))
    var columns: [GraphBuilder.Tensor] = [x]
    for (index, depth) in depths.enumerated() {
      let id = InputID("id\(index)")
      columns.append(
        try dense
          ? e.input(id, .f32(.batch, .fixed(depth)))
          : e.oneHot(e.input(id, .i32(.batch)), depth: depth))
    }
    let y = try e.input(InputID("y"), .f32(.batch, 1))
    let inputs = Self.numbers + depths.reduce(0, +)
    let kernel = try e.parameter(
      Parameter(
        ParameterID("hidden.kernel"), .f32(.fixed(inputs), .fixed(Self.width)), .uniform(0.1),
        l2: 0.01))
    let bias = try e.parameter(
      Parameter(ParameterID("hidden.bias"), .f32(.fixed(Self.width)), .constant(0.1)))
    let head = try e.parameter(
      Parameter(ParameterID("head.kernel"), .f32(.fixed(Self.width), 1), .uniform(0.3)))
    let dot = try e.parameter(
      Parameter(ParameterID("numbers.kernel"), .f32(.fixed(Self.numbers), 112), .uniform(0.1)))
    let h = try e.relu(e.add(e.matmul(e.concat(columns, axis: 1), kernel), bias))
    let z = try e.add(
      e.matmul(h, head), e.reshape(e.sum(e.tanh(e.matmul(x, dot)), axes: [1]), [.batch, 1]))
    try e.output("loss", e.mean(e.square(e.sub(z, y))))
    return e.graph
  }

  private func feeds(step: Int, dense: Bool, _ depths: [Int]) -> [InputID: [Double]] {
    var result: [InputID: [Double]] = [:]
    result[InputID("x")] = (0..<Self.rows * Self.numbers).map {
      Double(($0 * 31 + step * 7) % 23) / 23 - 0.5
    }
    result[InputID("y")] = (0..<Self.rows).map { Double(($0 + step) % 3) }
    for (index, depth) in depths.enumerated() {
      // Some ids are not there, some meet several times in the batch.
      let ids = (0..<Self.rows).map { ($0 * $0 + 5 * step + index) % (depth + 1) - 1 }
      result[InputID("id\(index)")] =
        dense
        ? ids.flatMap { id in (0..<depth).map { $0 == id ? 1.0 : 0.0 } } : ids.map(Double.init)
    }
    return result
  }

  /// Losses and parameters after 20 steps of Adam.
  private func train(
    dense: Bool = false, disabled: Set<String> = [], threads: Int = 1, adapts: Bool = true,
    depths: [Int] = Self.depths
  ) throws -> (losses: [Float], parameters: [String: [Float]], kernels: [String]) {
    let runner = try PlanRunner(
      graph(dense: dense, depths), capacity: Self.rows, disabled: disabled, threads: threads,
      optimizer: .init(kind: .adam, learningRate: 0.01))
    runner.session.adaptsThreads = adapts
    runner.session.initialize(seed: 5)
    var losses: [Float] = []
    for step in 0..<20 {
      let rows = step % 5 == 4 ? 11 : Self.rows
      let outputs = try runner.run(
        .train, rows: rows, feeds: feeds(step: step, dense: dense, depths))
      losses += try #require(outputs["loss"])
    }
    let parameters = try Dictionary(
      uniqueKeysWithValues: runner.plan.parameters.map {
        ($0.name, try runner.session.parameter($0.name))
      })
    return (losses, parameters, (runner.plan.program(.train)?.instructions ?? []).map(\.name))
  }

  @Test func theStepIsCutAndFused() throws {
    let names = try train().kernels
    #expect(names.filter { $0 == "one_hot_update" }.count == 2, "\(names)")
    #expect(names.filter { $0 == "one_hot_linear" }.count == 2, "\(names)")
    #expect(!names.contains("fill"), "\(names)")
    let plain = try train(disabled: ["split_products", "fuse_optimizer"]).kernels
    #expect(!plain.contains("one_hot_update"))
    #expect(plain.filter { $0 == "one_hot_linear" }.count == 1)
    #expect(plain.filter { $0 == "matmul" }.count < names.filter { $0.hasPrefix("matmul") }.count)
  }

  @Test(arguments: ["split_products", "fuse_optimizer", "eliminate_one_hot", "dense"])
  func trainsLikeThePlainForm(_ other: String) throws {
    try compare(other, depths: Self.depths)
  }

  /// The second thread steps some features' absent rows early, and all rows of others late.
  @Test func manyAbsentRows() throws {
    let one = try train(depths: Self.manyDepths)
    #expect(one.kernels.filter { $0 == "one_hot_update" }.count == 3, "\(one.kernels)")
    #expect(one.kernels.contains("absent_rows_update"), "\(one.kernels)")
    try compare("dense", depths: Self.manyDepths)
    let two = try train(threads: 2, adapts: false, depths: Self.manyDepths)
    #expect(one.losses == two.losses)
    #expect(one.parameters == two.parameters)
  }

  private func compare(_ other: String, depths: [Int]) throws {
    let fast = try train(depths: depths)
    let isDense = other == "dense"
    let plain = try train(
      dense: isDense, disabled: isDense ? [] : [other], depths: depths)
    for (x, y) in zip(fast.losses, plain.losses) { #expect(abs(x - y) < 1e-4 * max(1, abs(y))) }
    for (name, values) in fast.parameters {
      for (x, y) in zip(values, try #require(plain.parameters[name])) {
        #expect(abs(x - y) < 1e-4, "\(name)")
      }
    }
  }

  @Test func twoThreadsGiveTheSameBits() throws {
    let one = try train()
    let two = try train(threads: 2, adapts: false)
    #expect(one.losses == two.losses)
    #expect(one.parameters == two.parameters)
  }
}
