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
      try $0.activate($0.input("x", .f32(.batch)), activation)
    }
    for (x, found) in zip(points, y.floats) {
      let expected =
        switch activation {
        case .relu: max(x, 0)
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: tanh(x)
        case .silu: x / (1 + exp(-x))
        }
      #expect(abs(found - expected) < 1e-12, "\(activation)(\(x))")
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
