import GraphIR
import ModelDefs
import Plan
import Runtime
import TensorTypes
import Testing

@Suite struct BatchNormTests {
  private static let rows: [[Double]] = [[1, -2], [3, 0], [5, 7], [-1, 3]]

  private func engine(momentum: Double) -> EagerModel<Double> {
    EagerModel<Double>(seed: 1, optimizer: .init(kind: .sgd, learningRate: 0)) { e in
      let x = try e.input(InputID("x"), .f32(.batch, 2))
      let y = try e.batchNorm(x, name: "n", BatchNormalization(momentum: momentum, epsilon: 1e-3))
      try e.output("y", y)
      try e.output("loss", e.sum(e.square(y)))
    }
  }

  private static var feeds: [InputID: EagerStorage<Double>] {
    [InputID("x"): .floats(rows.flatMap { $0 })]
  }

  private static func statistics(_ column: Int) -> (mean: Double, variance: Double) {
    let values = rows.map { $0[column] }
    let mean = values.reduce(0, +) / 4
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4)
  }

  /// Numbers so close to each other that the variance, 2.25·10⁻⁶, is below what is added to it; as
  /// rows and as images, whose statistics are those of a channel.
  @Test(arguments: [false, true]) func normalizesByThePresentRows(areImages: Bool) throws {
    let values = [1, 5.0, 1.003, 5.0]
    let model = EagerModel<Double>(seed: 1, optimizer: .init(kind: .sgd, learningRate: 0)) { e in
      let shape: Shape = areImages ? [1, 2, 1, 2] : [2, 2]
      let x = try e.reshape(e.input(InputID("x"), .f32(4)), shape)
      let y = try e.batchNormalized(x, name: "n")
      try e.output("y", y)
      try e.output("loss", e.sum(y))
    }
    let y = try #require(
      try model.step(batchSize: 1, feeds: [InputID("x"): .floats(values)])["y"]?.floats)
    let expected = 0.0015 / (2.25e-6 + 1e-5).squareRoot()
    for (found, value) in zip(y, [-expected, 0, expected, 0]) {
      #expect(abs(found - value) < 1e-9, "\(y)")
    }
  }

  @Test func trainsOnTheBatchAndPredictsByRunningStatistics() throws {
    let model = engine(momentum: 0.75)
    func values(_ part: String) throws -> [Double] {
      try #require(model.engine.variable(ParameterID("n.\(part)"))?.values)
    }
    let trained = try #require(
      try model.step(batchSize: 4, feeds: Self.feeds)["y"]?.floats)
    for column in 0..<2 {
      let (mean, variance) = Self.statistics(column)
      for row in 0..<4 {
        let expected = (Self.rows[row][column] - mean) / (variance + 1e-3).squareRoot()
        #expect(abs(trained[2 * row + column] - expected) < 1e-12)
      }
      #expect(abs(try values("mean")[column] - 0.25 * mean) < 1e-12)
      #expect(abs(try values("variance")[column] - (0.75 + 0.25 * variance)) < 1e-12)
    }
    // A look at the gradients changes nothing.
    let before = try values("mean")
    try model.step(batchSize: 4, feeds: Self.feeds, isUpdating: false)
    #expect(try values("mean") == before)

    let predicted = try #require(
      try model.predict(batchSize: 1, feeds: [InputID("x"): .floats([2, 2])])["y"]?.floats)
    for column in 0..<2 {
      let scale = (try values("variance")[column] + 1e-3).squareRoot()
      #expect(abs(predicted[column] - (2 - (try values("mean")[column])) / scale) < 1e-12)
    }
  }

  @Test func isAKeyOfEveryModel() throws {
    var fixture = SpecFixture()
    fixture.model = """
      { type: 'mmoe', num_experts: 2, expert_hidden_units: [4], tower_hidden_units: [3],
        batch_norm: true, batch_norm_momentum: 0.5 }
      """
    let graph = try ModelFixture(fixture).graph(.train)
    let names = graph.parameters.map(\.id.name)
    #expect(names.contains("experts.1.norm.0.scale"))
    #expect(names.contains("towers.income.norm.0.variance"))
    #expect(!names.contains("experts.1.dense.0.bias"))
    #expect(names.contains("towers.income.output.bias"))
    #expect(graph.opCounts()["assign"] == 8)
    #expect(try ModelFixture(fixture).graph(.predict).opCounts()["assign"] == nil)
    fixture.model = "{ type: 'mmoe', batch_norm_momentum: 0.5 }"
    #expect(
      fixture.findings() == ["model.batch_norm_momentum: goes only with \"batch_norm\""])
  }

  @Test func layersAreNormalizedInOneWay() throws {
    var fixture = SpecFixture()
    fixture.model = "{ type: 'shared_bottom', bottom_hidden_units: [4], layer_norm: true }"
    let names = try ModelFixture(fixture).graph(.train).parameters.map(\.id.name)
    #expect(names.contains("bottom.norm.0.shift"))
    #expect(!names.contains("bottom.norm.0.mean"))
    #expect(names.contains("bottom.dense.0.bias"))
    fixture.model = "{ type: 'mmoe', layer_norm: true, batch_norm: true }"
    #expect(fixture.findings() == ["model.layer_norm: does not go with \"batch_norm\""])
    fixture.model = "{ type: 'mmoe', layer_norm_epsilon: 0.1 }"
    #expect(fixture.findings() == ["model.layer_norm_epsilon: goes only with \"layer_norm\""])
  }
}
