import Foundation
import GraphIR
import ModelDefs
import Runtime
import Schema
import Testing

/// Numbers as sines and cosines against the formula of the paper in double precision.
@Suite struct PeriodicTests {
  private static let rows = 7
  private static let frequencies = [0.3, -0.05, 1.7]

  /// A model whose predictions are what it reads of the numbers, a task each.
  private func model(width: Int, keys: String) throws -> ModelFixture {
    var fixture = SpecFixture()
    fixture.features =
      "[{ name: 'a', type: 'numeric' }, { name: 'x', type: 'numeric', encoding: 'periodic',"
      + " num_frequencies: 3\(keys) }]"
    fixture.tasks =
      "[" + (0..<width + 1).map { "{ name: 'c\($0)', loss: 'mse' }" }.joined(separator: ",") + "]"
    fixture.model = "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [] }"
    return try ModelFixture(fixture)
  }

  private func waves(_ x: Double, _ frequencies: [Double] = Self.frequencies) -> [Double] {
    frequencies.map { sin(2 * Double.pi * $0 * x) }
      + frequencies.map { cos(2 * Double.pi * $0 * x) }
  }

  /// Read out by towers whose weights are the columns of the identity.
  @Test(arguments: [false, true])
  func sinesAndCosines(isEmbedded: Bool) throws {
    let width = isEmbedded ? 2 : 6
    let model = try model(width: width, keys: isEmbedded ? ", embedding_dim: 2" : "")
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0))
    var feeds = model.feeds(rows: Self.rows)
    let numbers = (0..<Self.rows).map { Double($0) * 1.3 - 4 }
    feeds[InputID(FeedLayout.numeric)] = .floats(numbers.flatMap { [$0 / 2, $0] })
    _ = try eager.predict(batchSize: Self.rows, feeds: feeds)
    for column in 0..<width + 1 {
      try eager.engine.setValues(
        of: ParameterID("towers.c\(column).output.kernel"),
        (0..<width + 1).map { $0 == column ? 1 : 0 })
    }
    try eager.engine.setValues(of: ParameterID("numbers.x.frequencies"), Self.frequencies)
    let bias = [0.2, -0.1]
    if isEmbedded { try eager.engine.setValues(of: ParameterID("numbers.x.bias"), bias) }
    let outputs = try eager.predict(batchSize: Self.rows, feeds: feeds)
    let kernel = eager.engine.variable(ParameterID("numbers.x.kernel"))?.values ?? []
    #expect(kernel.count == (isEmbedded ? 12 : 0))
    for row in 0..<Self.rows {
      let waves = waves(numbers[row])
      let read =
        isEmbedded
        ? (0..<2).map { j in
          max(0, waves.indices.reduce(bias[j]) { $0 + waves[$1] * kernel[$1 * 2 + j] })
        } : waves
      for (column, expected) in (read + [numbers[row] / 2]).enumerated() {
        let found = outputs[OutputName.prediction("c\(column)")]?.floats[row] ?? .nan
        #expect(abs(found - expected) < 1e-12, "\(numbers[row]) \(column)")
      }
    }
  }

  /// A step of gradient descent moves each frequency by the derivative of the loss, here against central
  /// differences of the formula.
  @Test func frequenciesAreTrained() throws {
    let model = try model(width: 0, keys: "")
    let rate = 1e-3
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: rate))
    var feeds = model.feeds(rows: Self.rows)
    let numbers = (0..<Self.rows).map { Double($0) * 0.6 - 1.4 }
    let labels = (0..<Self.rows).map { Double($0 % 3) - 0.7 }
    feeds[InputID(FeedLayout.numeric)] = .floats(numbers.flatMap { [0, $0] })
    feeds[InputID(FeedLayout.labels)] = .floats(labels)
    _ = try eager.predict(batchSize: Self.rows, feeds: feeds)
    let weights = [0.4, -0.8, 0.3, 0.9, 0.2, -0.6, 0]
    try eager.engine.setValues(of: ParameterID("towers.c0.output.kernel"), weights)
    try eager.engine.setValues(of: ParameterID("numbers.x.frequencies"), Self.frequencies)
    func loss(_ frequencies: [Double]) -> Double {
      zip(numbers, labels).reduce(0) { sum, row in
        let prediction = zip(waves(row.0, frequencies), weights).reduce(0) { $0 + $1.0 * $1.1 }
        return sum + (prediction - row.1) * (prediction - row.1) / Double(Self.rows)
      }
    }
    try eager.step(batchSize: Self.rows, feeds: feeds)
    let moved = try #require(eager.engine.variable(ParameterID("numbers.x.frequencies"))).values
    for k in Self.frequencies.indices {
      var (less, more) = (Self.frequencies, Self.frequencies)
      less[k] -= 1e-5
      more[k] += 1e-5
      let derivative = (loss(more) - loss(less)) / 2e-5
      #expect(abs((Self.frequencies[k] - moved[k]) / rate - derivative) < 1e-6 * abs(derivative))
    }
  }

  /// Frequencies start from normal numbers of the deviation that the spec says.
  @Test func frequenciesStartNormal() throws {
    var fixture = SpecFixture()
    fixture.features =
      "[{ name: 'x', type: 'numeric', encoding: 'periodic', frequency_scale: 2.5, normalizer: 'log',"
      + " num_frequencies: 40, raw: true }, { name: 'y', type: 'numeric', encoding: 'periodic' }]"
    let model = try ModelFixture(fixture)
    let graph = try model.graph(.train)
    let own = try #require(graph.parameter(ParameterID("numbers.x.frequencies")))
    #expect(own.initializer == .normal(2.5) && own.type == .f32(40))
    let usual = try #require(graph.parameter(ParameterID("numbers.y.frequencies")))
    #expect(usual.initializer == .normal(0.1) && usual.type == .f32(16))
    // Two columns of the feed for x: what is read as waves, and the number beside them.
    #expect(model.schema.features.map(\.name) == ["x", "x.raw", "y"])
    #expect(
      model.spec.dataDeclaration.features.map(\.kind)
        == [.numeric(.log), .numeric(.log), .numeric(.zscore)])
  }
}
