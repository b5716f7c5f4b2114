import Foundation
import GraphIR
import ModelDefs
import Runtime
import TensorTypes
import Testing

/// Layers against their formulas, computed by the eager engine in double precision.
@Suite struct LayerTests {
  typealias Engine = EagerEngine<Double>

  private func run(
    _ feeds: [InputID: EagerStorage<Double>] = [:], rows: Int = 2, isTraining: Bool = true,
    _ body: (Engine) throws -> EagerTensor<Double>
  ) throws -> EagerTensor<Double> {
    let engine = Engine(seed: 3)
    engine.beginStep(batchSize: rows, feeds: feeds, isTraining: isTraining)
    let result = try body(engine)
    try engine.finishStep(optimizer: nil)
    return result
  }

  @Test func denseNamesAndStartsItsParameters() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(.batch, 10))
    let y = try builder.dense(x, units: 5, activation: .relu, name: "layer", l2: 0.5)
    #expect(builder.type(of: y) == .f32(.batch, 5))
    let limit = (6.0 / 15).squareRoot()
    #expect(
      builder.graph.parameters == [
        Parameter("layer.kernel", .f32(10, 5), .uniform(limit), l2: 0.5),
        Parameter("layer.bias", .f32(5), .constant(0)),
      ])
  }

  @Test func denseRefusesWhatIsNoMatrix() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(.batch, 2, 3))
    #expect(throws: TypeError.self) { try builder.dense(x, units: 5, name: "layer") }
  }

  @Test(arguments: Activation.allCases) func activations(_ activation: Activation) throws {
    let points = [-20, -1.5, 0, 0.5, 20]
    let y = try run(["x": .floats(points)], rows: 5) {
      try $0.activate($0.input("x", .f32(.batch, 1)), activation, name: "a")
    }
    let mean = points.reduce(0, +) / 5
    let variance = points.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
    for (x, found) in zip(points, y.floats) {
      let expected =
        switch activation {
        case .relu: max(x, 0)
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: tanh(x)
        case .silu: x / (1 + exp(-x))
        case .gelu: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .leakyReLU: x > 0 ? x : x / 100
        case .prelu: x > 0 ? x : x / 4
        case .dice: x / (1 + exp(-(x - mean) / variance.squareRoot()))
        }
      #expect(abs(found - expected) < 1e-8, "\(activation)(\(x))")
    }
  }

  /// The approximation of gelu beside x·Φ(x).
  @Test func geluIsNearItsDefinition() throws {
    let points = stride(from: -6.0, through: 6, by: 0.05).map { $0 }
    let y = try run(["x": .floats(points)], rows: points.count) {
      try $0.activate($0.input("x", .f32(.batch, 1)), .gelu, name: "a")
    }
    for (x, found) in zip(points, y.floats) {
      #expect(abs(found - x * erfc(-x / 2.squareRoot()) / 2) < 5e-4)
    }
  }

  /// Each unit has a slope of its own, of which the derivative is Σ g·min(x, 0).
  @Test func preluLearnsASlopeForEachUnit() throws {
    let model = EagerModel<Double>(seed: 1, optimizer: .init(kind: .sgd, learningRate: 1)) { e in
      let y = try e.activate(e.input("x", .f32(.batch, 2)), .prelu, name: "a")
      try e.output("loss", e.sum(y))
    }
    try model.step(batchSize: 2, feeds: ["x": .floats([-1, 2, -3, -5])])
    #expect(model.engine.variable("a.slope")?.values == [0.25 + 4, 0.25 + 5])
  }

  @Test func layerNormBringsRowsToOneScale() throws {
    let rows = [[1.0, 4, -2, 5], [0, 0, 0, 8]]
    let y = try run(["x": .floats(rows.flatMap { $0 })], rows: 2) {
      try $0.layerNorm($0.input("x", .f32(.batch, 4)), name: "n", epsilon: 1e-3)
    }
    for (row, x) in rows.enumerated() {
      let mean = x.reduce(0, +) / 4
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
      for column in 0..<4 {
        let expected = (x[column] - mean) / (variance + 1e-3).squareRoot()
        #expect(abs(y.floats[4 * row + column] - expected) < 1e-12)
      }
    }
  }

  @Test func mlpStacksLayers() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(.batch, 10))
    let y = try builder.mlp(x, units: [7, 3], name: "m", LayerStyle())
    #expect(builder.type(of: y) == .f32(.batch, 3))
    #expect(
      builder.graph.parameters.map(\.id.name) == [
        "m.dense.0.kernel", "m.dense.0.bias", "m.dense.1.kernel", "m.dense.1.bias",
      ])
    #expect(try builder.mlp(x, units: [], name: "none", LayerStyle()) == x)
  }

  @Test func dropoutKeepsTheMean() throws {
    let rows = 20_000
    let feeds: [InputID: EagerStorage<Double>] = ["x": .floats([Double](repeating: 3, count: rows))]
    let y = try run(feeds, rows: rows) {
      try $0.dropout($0.input("x", .f32(.batch, 1)), rate: 0.25)
    }
    let dropped = y.floats.count { $0 == 0 }
    #expect(abs(Double(dropped) / Double(rows) - 0.25) < 0.02)
    #expect(y.floats.allSatisfy { $0 == 0 || abs($0 - 4) < 1e-12 })
  }

  @Test func dropoutDoesNothingInPrediction() throws {
    let y = try run(["x": .floats([1, 2])], isTraining: false) {
      try $0.dropout($0.input("x", .f32(.batch, 1)), rate: 0.9)
    }
    #expect(y.floats == [1, 2])
  }

  @Test func mixtureWeighsExperts() throws {
    let feeds: [InputID: EagerStorage<Double>] = [
      "a": .floats([1, 2, 3, 4]), "b": .floats([10, 20, 30, 40]),
      "w": .floats([0.5, 0.5, 0.9, 0.1]),
    ]
    let y = try run(feeds) { e in
      let experts = try e.stack([e.input("a", .f32(.batch, 2)), e.input("b", .f32(.batch, 2))])
      return try e.mixture(experts, weights: e.input("w", .f32(.batch, 2)))
    }
    #expect(y.type == .f32(.batch, 2))
    for (value, expected) in zip(y.floats, [5.5, 11, 5.7, 7.6]) {
      #expect(abs(value - expected) < 1e-12)
    }
  }

  @Test func gatesSumToOne() throws {
    let y = try run(["x": .floats([1, -2, 0.5, 3])]) { e in
      try e.gate(
        e.input("x", .f32(.batch, 2)), over: 3, hidden: [4], name: "gate", LayerStyle())
    }
    #expect(y.sizes == [2, 3])
    #expect(abs(y.floats[0..<3].reduce(0, +) - 1) < 1e-12)
  }

  @Test(arguments: [(0.0, 0.0), (2.0, 1.0), (-3.0, 1.0), (800.0, 0.0), (-800.0, 1.0), (800, 1)])
  func crossEntropyIsStable(z: Double, y: Double) throws {
    let loss = try run(["z": .floats([z]), "y": .floats([y])], rows: 1) { e in
      try e.binaryCrossEntropy(
        logit: e.input("z", .f32(.batch, 1)), label: e.input("y", .f32(.batch, 1)))
    }
    let correct = y == 1 ? z : -z
    let expected = correct < -700 ? -correct : log1p(exp(-correct))
    #expect(abs(loss.floats[0] - expected) < 1e-9)
  }

  @Test(arguments: [(1.5, 1.0), (1.5, 0), (-2, 1), (300, 0), (-300, 1)])
  func focalLossFollowsItsFormula(z: Double, y: Double) throws {
    let loss = try run(["z": .floats([z]), "y": .floats([y])], rows: 1) { e in
      try e.focal(
        logit: e.input("z", .f32(.batch, 1)), label: e.input("y", .f32(.batch, 1)), gamma: 2)
    }
    let signed = y == 1 ? z : -z
    let p = 1 / (1 + exp(-signed))
    let expected = signed < -200 ? -signed : -(1 - p) * (1 - p) * log(p)
    #expect(abs(loss.floats[0] - expected) < 1e-9)
  }

  @Test func huberIsSquareAndThenLinear() throws {
    let loss = try run(["x": .floats([0.5, 3])]) { e in
      try e.huber(e.input("x", .f32(.batch, 1)), label: e.constant(0, .f32(1)), delta: 2)
    }
    #expect(loss.floats == [0.125, 4])
  }

  @Test func weightedMeanOfNothingIsZero() throws {
    let mean = try run(["x": .floats([5, 7]), "w": .floats([0, 0])]) { e in
      try e.weightedMean(e.input("x", .f32(.batch, 1)), weights: e.input("w", .f32(.batch, 1)))
    }
    #expect(mean.floats == [0])
  }
}
