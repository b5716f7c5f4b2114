import GraphIR
import Plan
import Schema
import TensorTypes
import Testing

/// Bias gradients that the product of the weight gradient computes beside it, also where one product
/// stands for several towers.
@Suite struct ColumnSumsTests {
  private static let inputs = 6
  private static let units = 8
  private static let outputs = 5
  private static let rows = 40

  /// Towers of two layers, all on the same input.
  private func towers(_ count: Int) throws -> Graph {
    let e = GraphBuilder(name: "towers")
    let x = try e.input(InputID("x"), .f32(.batch, .fixed(Self.inputs)))
    func layer(_ x: ValueID, _ name: String, _ inputs: Int, _ outputs: Int) throws -> ValueID {
      let w = try e.parameter(
        Parameter(ParameterID(name), .f32(.fixed(inputs), .fixed(outputs)), .uniform(1)))
      let b = try e.parameter(
        Parameter(ParameterID("\(name)_bias"), .f32(.fixed(outputs)), .uniform(1)))
      return try e.relu(e.add(e.matmul(x, w), b))
    }
    var loss: ValueID?
    for tower in 0..<count {
      let hidden = try layer(x, "hidden\(tower)", Self.inputs, Self.units)
      let y = try layer(hidden, "output\(tower)", Self.units, Self.outputs)
      let term = try e.sum(e.square(y))
      loss = try loss.map { try e.add($0, term) } ?? term
    }
    if let loss { try e.output("loss", loss) }
    return e.graph
  }

  private func weights(_ runner: PlanRunner) throws -> [String: [Float]] {
    runner.session.initialize(seed: 5)
    let x = (0..<Self.rows * Self.inputs).map { Double(($0 * 7) % 13) / 6 - 1 }
    _ = try runner.run(.train, rows: Self.rows, feeds: [InputID("x"): x])
    return try Dictionary(
      uniqueKeysWithValues: runner.plan.parameters.map {
        ($0.name, try runner.session.parameter($0.name))
      })
  }

  private func hasReductions(_ runner: PlanRunner) -> Bool {
    runner.plan.program(.train)?.instructions.contains {
      guard case .reduce(let reduce) = $0 else { return false }
      return reduce.reduced == [true, false]
    } ?? false
  }

  @Test(arguments: [1, 2, 3]) func productsTakeThemAlong(towers count: Int) throws {
    let settings = Optimizer(kind: .sgd, learningRate: 1e-4)
    let graph = try towers(count)
    let fused = try PlanRunner(graph, capacity: Self.rows, optimizer: settings)
    let plain = try PlanRunner(
      graph, capacity: Self.rows, disabled: ["fuse_column_sums"], optimizer: settings)
    #expect(!hasReductions(fused))
    #expect(hasReductions(plain))
    let grouped = fused.plan.program(.train)?.instructions.contains {
      guard case .matmul(let product) = $0 else { return false }
      return product.groups == count && product.transposeA
    }
    #expect(grouped == true)
    let found = try weights(fused)
    let expected = try weights(plain)
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, values) in expected {
      for (a, b) in zip(found[name] ?? [], values) {
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(name)")
      }
    }
  }
}
