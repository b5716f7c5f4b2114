import GraphIR
import Runtime
import TensorTypes
import Testing

/// The eager engine's derivatives against central finite differences in Double.
@Suite struct EagerGradientTests {
  @Test(arguments: EagerCase.differentiable)
  func firstDerivatives(_ item: EagerCase) throws {
    try compare(
      item, item.arguments, derivative: { try firstOrder(item, $0).gradients },
      value: { try firstOrder(item, $0).value })
  }

  @Test(arguments: EagerCase.differentiable)
  func secondDerivatives(_ item: EagerCase) throws {
    try compare(
      item, item.arguments, derivative: { try secondOrder(item, $0).gradients },
      value: { try secondOrder(item, $0).value })
  }

  @Test func stopGradientStops() throws {
    let item = EagerCase.selections[1]
    let found = try firstOrder(item, item.arguments).gradients
    #expect(found[0]?.allSatisfy { $0 == 0 } == true)
  }

  @Test func tiesFollowTheConvention() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(
      batchSize: 2, feeds: ["a": .floats([1, 2]), "b": .floats([1, 3]), "c": .floats([5, 5, 4])])
    let a = try engine.input("a", .f32(.batch))
    let b = try engine.input("b", .f32(.batch))
    let c = try engine.input("c", .f32(3))
    let larger = try engine.gradients(of: engine.max(a, b), withRespectTo: [a, b])
    #expect(larger.map(\.floats) == [[1, 0], [0, 1]])
    let smaller = try engine.gradients(of: engine.min(a, b), withRespectTo: [a, b])
    #expect(smaller.map(\.floats) == [[1, 1], [0, 0]])
    let highest = try engine.reduce(.max, c, axes: [0])
    #expect(try engine.gradients(of: highest, withRespectTo: [c])[0].floats == [0.5, 0.5, 0])
    let zero = try engine.sub(c, engine.stopGradient(c))
    #expect(try engine.gradients(of: engine.relu(zero), withRespectTo: [c])[0].floats == [0, 0, 0])
    #expect(try engine.gradients(of: engine.abs(zero), withRespectTo: [c])[0].floats == [0, 0, 0])
  }

  @Test func gradientsOfIntermediateValues() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 1, feeds: ["x": .floats([3])])
    let x = try engine.input("x", .f32(1))
    let y = try engine.square(x)
    let z = try engine.mul(y, x)
    let found = try engine.gradients(of: engine.sum(z), withRespectTo: [y, x, z])
    #expect(found.map(\.floats) == [[3], [27], [1]])
    let unrelated = try engine.constant(2)
    #expect(try engine.gradients(of: z, withRespectTo: [unrelated])[0].floats == [0])
  }

  @Test func tensorsOfAnotherStepAreRefused() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 2, feeds: ["x": .floats([1, 2])])
    let old = try engine.input("x", .f32(.batch))
    engine.beginStep(batchSize: 3, feeds: ["x": .floats([1, 2, 3])])
    #expect(throws: EagerError.foreignTensor(.f32(.batch))) { try engine.neg(old) }
    let new = try engine.input("x", .f32(.batch))
    #expect(throws: EagerError.foreignTensor(.f32(.batch))) {
      try engine.gradients(of: new, withRespectTo: [old])
    }
  }

  // MARK: What is differentiated

  private typealias Result = (value: Double, gradients: [[Double]?])

  /// Σ wᵢ·fᵢ with fixed weights, and its derivative by each argument.
  private func firstOrder(_ item: EagerCase, _ arguments: [EagerArgument]) throws -> Result {
    try item.run(arguments) { engine, tensors, result in
      let total = try weighted(engine, result, seed: 77)
      let sources = tensors.filter { $0.type.dtype == .f32 }
      let found = try engine.gradients(of: total, withRespectTo: sources)
      for (source, gradient) in zip(sources, found) { #expect(gradient.type == source.type) }
      var rest = found[...]
      return (
        try #require(total.scalar),
        tensors.map { $0.type.dtype == .f32 ? rest.removeFirst().floats : nil }
      )
    }
  }

  /// Σ over the arguments of Σ uᵢ·(∂Σw·f/∂x)ᵢ, and its derivative.
  private func secondOrder(_ item: EagerCase, _ arguments: [EagerArgument]) throws -> Result {
    try item.run(arguments) { engine, tensors, result in
      let sources = tensors.filter { $0.type.dtype == .f32 }
      let inner = try engine.gradients(
        of: weighted(engine, result, seed: 77), withRespectTo: sources, createGraph: true)
      var total = try engine.constant(0)
      for (index, gradient) in inner.enumerated() {
        total = try engine.add(total, weighted(engine, gradient, seed: 90 + index))
      }
      let found = try engine.gradients(of: total, withRespectTo: sources)
      var rest = found[...]
      return (
        try #require(total.scalar),
        tensors.map { $0.type.dtype == .f32 ? rest.removeFirst().floats : nil }
      )
    }
  }

  private func weighted(
    _ engine: EagerEngine<Double>, _ tensor: EagerTensor<Double>, seed: Int
  ) throws -> EagerTensor<Double> {
    // Weights as an op of the engine: the same for every call, whatever the values.
    let weights = try engine.emitOne(
      .source(.random(stream: seed, tensor.type.shape)), [])
    return try engine.sum(engine.mul(tensor, engine.add(weights, engine.constant(0.5))))
  }

  private func compare(
    _ item: EagerCase, _ arguments: [EagerArgument],
    derivative: ([EagerArgument]) throws -> [[Double]?],
    value: ([EagerArgument]) throws -> Double
  ) throws {
    let step = 1e-5
    for (index, gradient) in try derivative(arguments).enumerated() {
      guard let gradient, item.name != "stop_gradient" else { continue }
      for element in gradient.indices {
        var up = arguments
        var down = arguments
        up[index] = up[index].adding(step, at: element)
        down[index] = down[index].adding(-step, at: element)
        let expected = try (value(up) - value(down)) / (2 * step)
        let difference = abs(gradient[element] - expected)
        #expect(
          difference <= 1e-6 * (1 + abs(expected)),
          "\(item.name): argument \(index), element \(element): \(gradient[element]) ≠ \(expected)")
      }
    }
  }
}
