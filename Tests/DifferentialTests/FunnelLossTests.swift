import GraphIR
import ModelDefs
import Runtime
import TensorTypes
import TestSupport
import Testing

/// The loss of a funnel compiled, from logits of several hundred on, against the eager engine in double
/// precision.
@Suite struct FunnelLossTests {
  /// Logits w_t·x of three steps.
  private func build<E: Emitter>(on e: E) throws {
    let x = try e.input("x", .f32(.batch, 1))
    let y = try e.input("y", .f32(.batch, 1))
    var product: ProbabilityProduct<E.Tensor>?
    for step in 0..<3 {
      let weight = try e.parameter(
        Parameter(ParameterID("w\(step)"), .f32(1, 1), .constant(1)))
      product = try e.product(product, logit: e.matmul(x, weight))
    }
    let rows = try e.binaryCrossEntropy(#require(product), label: y)
    try e.output("rows", rows)
    try e.output("loss", e.mean(rows))
  }

  @Test(arguments: [[1, 1, 1], [1, -1, 0.5], [-1, 1, 1e-3], [2, 0.001, -1]])
  func compiledLossIsExact(weights: [Double]) throws {
    let builder = GraphBuilder(name: "funnel")
    try build(on: builder)
    let runner = try PlanRunner(builder.graph, capacity: 1)
    let model = EagerModel<Double>(seed: 1, optimizer: .init(kind: .sgd, learningRate: 0.1)) {
      try build(on: $0)
    }
    for x in [-300.0, -90, -3, 0, 0.7, 20, 90, 300] {
      for y in [0.0, 1] {
        try runner.setParameters(
          Dictionary(
            uniqueKeysWithValues: weights.indices.map { (ParameterID("w\($0)"), [weights[$0]]) }))
        let feeds: [InputID: [Double]] = ["x": [x], "y": [y]]
        let found = try runner.run(.gradients, rows: 1, feeds: feeds)
        try model.step(batchSize: 1, feeds: feeds.mapValues { .floats($0) }, isUpdating: false)
        for (k, weight) in weights.enumerated() {
          try model.engine.setValues(of: ParameterID("w\(k)"), [Double(Float(weight))])
        }
        let expected = try model.step(
          batchSize: 1, feeds: feeds.mapValues { .floats([Double(Float($0[0]))]) },
          isUpdating: false)
        let loss = try #require(expected["loss"]?.scalar)
        let value = Double(try #require(found["loss"]?.first))
        #expect(abs(value - loss) <= 1e-6 * max(abs(loss), 0.1), "x \(x), y \(y)")
        for k in weights.indices {
          let gradient = try #require(model.gradients[ParameterID("w\(k)")]?.first)
          let other = Double(try #require(found["gradient.w\(k)"]?.first))
          #expect(abs(other - gradient) <= 2e-6 * max(abs(x), 1), "w\(k) at \(x), \(y)")
        }
      }
    }
  }
}
