import Foundation
import GraphIR
import ModelDefs
import Runtime
import Schema
import TensorTypes
import Testing

/// Keys of tasks that change a loss, a prediction or where training starts, against their formulas in
/// double precision.
@Suite struct TaskOptionTests {
  private static let logits = [-2.0, -0.5, 0, 1.5, 3]
  private static let labels = [1.0, 0, 1, 1, 0]

  /// The losses of rows with these logits and labels.
  private func losses(
    _ loss:
      @escaping (EagerEngine<Double>, EagerTensor<Double>, EagerTensor<Double>) throws
      -> EagerTensor<Double>
  ) throws -> [Double] {
    let engine = EagerEngine<Double>(seed: 1)
    engine.beginStep(
      batchSize: Self.logits.count,
      feeds: ["z": .floats(Self.logits), "y": .floats(Self.labels)], isRecording: false)
    return try loss(
      engine, engine.input("z", .f32(.batch, 1)), engine.input("y", .f32(.batch, 1))
    ).floats
  }

  private static func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

  @Test func positiveLabelsWeighMore() throws {
    let alone = try losses { try $0.binaryCrossEntropy(logit: $1, label: $2, positiveWeight: 3) }
    let product = try losses { e, z, y in
      let head = try e.product(e.product(nil, logit: z), logit: z)
      return try e.binaryCrossEntropy(head, label: y, positiveWeight: 3)
    }
    for (k, (z, y)) in zip(Self.logits, Self.labels).enumerated() {
      let p = Self.sigmoid(z)
      #expect(abs(alone[k] - (y == 1 ? -3 * log(p) : -log(1 - p))) < 1e-12)
      #expect(abs(product[k] - (y == 1 ? -3 * log(p * p) : -log(1 - p * p))) < 1e-12)
    }
  }

  @Test func focalLossWeighsBothLabels() throws {
    let found = try losses { try $0.focal(logit: $1, label: $2, gamma: 2, alpha: 0.25) }
    for (k, (z, y)) in zip(Self.logits, Self.labels).enumerated() {
      let own = Self.sigmoid(y == 1 ? z : -z)
      let expected = (y == 1 ? -0.25 : -0.75) * (1 - own) * (1 - own) * log(own)
      #expect(abs(found[k] - expected) < 1e-12)
    }
  }

  /// Predictions and losses of a spec, by name, from the same weights.
  private func outputs(_ fixture: SpecFixture, priors: [LabelPrior?] = []) throws -> [String:
    [Double]]
  {
    let model = try ModelFixture(fixture)
    let (spec, schema) = (model.spec, model.schema)
    let eager = EagerModel<Double>(
      seed: 1, optimizer: Optimizer(kind: .sgd, learningRate: 0)
    ) { engine in
      try buildModel(spec, schema: schema, priors: priors, purpose: .train, on: engine)
    }
    let outputs = try eager.step(batchSize: 20, feeds: model.feeds(rows: 20), isUpdating: false)
    return outputs.mapValues(\.floats)
  }

  private static func logit(_ p: Double) -> Double { log(p / (1 - p)) }

  /// σ(z + ln r), while the loss is that of z.
  @Test func predictionsAreCorrectedForRowsLeftOut() throws {
    var fixture = SpecFixture()
    let plain = try outputs(fixture)
    fixture.tasks = "[{ name: 'income', negative_sampling_rate: 0.1 }, { name: 'married' }]"
    let corrected = try outputs(fixture)
    #expect(plain["loss"] == corrected["loss"])
    #expect(plain["prediction.married"] == corrected["prediction.married"])
    let pairs = zip(
      try #require(plain["prediction.income"]), try #require(corrected["prediction.income"]))
    for (p, q) in pairs { #expect(abs(Self.logit(q) - Self.logit(p) - log(0.1)) < 1e-12) }
  }

  /// Of a funnel, the first step is corrected and the others given it are not.
  @Test func funnelsAreCorrectedAtTheirFirstStep() throws {
    var fixture = SpecFixture()
    fixture.model = "{ type: 'funnel_v2', tower_hidden_units: [3], conditional_outputs: true }"
    fixture.tasks = "[{ name: 'income' }, { name: 'married' }]"
    let plain = try outputs(fixture)
    fixture.tasks = "[{ name: 'income', negative_sampling_rate: 0.2 }, { name: 'married' }]"
    let corrected = try outputs(fixture)
    #expect(plain["loss"] == corrected["loss"])
    let given = "prediction.married_given_income"
    #expect(plain[given] == corrected[given])
    for k in 0..<20 {
      let (p, q) = try (
        #require(plain["prediction.income"])[k], #require(corrected["prediction.income"])[k]
      )
      #expect(abs(Self.logit(q) - Self.logit(p) - log(0.2)) < 1e-12)
      let married = try #require(corrected["prediction.married"])[k]
      #expect(abs(married - q * (try #require(plain[given])[k])) < 1e-12)
    }
    fixture.tasks = "[{ name: 'income' }, { name: 'married', negative_sampling_rate: 0.2 }]"
    #expect(
      fixture.findings() == [
        "model: the task \"married\" has a \"negative_sampling_rate\"; in a funnel rows are left out"
          + " by the label of its first step"
      ])
  }

  /// Where the output biases of a spec's training graph start.
  private func biases(_ fixture: SpecFixture, _ priors: [LabelPrior?]) throws -> [Double] {
    let model = try ModelFixture(fixture)
    let builder = GraphBuilder(name: "train")
    try buildModel(
      model.spec, schema: model.schema, priors: priors, purpose: .train, on: builder)
    return try model.spec.tasks.map { task in
      let id = ParameterID("towers.\(task.name).output.bias")
      guard case .constant(let start)? = builder.graph.parameter(id)?.initializer else {
        throw TypeError(op: "test", "no bias of \(task.name)")
      }
      return start
    }
  }

  @Test func biasesStartAtTheBaseRate() throws {
    var fixture = SpecFixture()
    fixture.tasks = """
      [{ name: 'a' }, { name: 'b', positive_weight: 4 }, { name: 'c', output_bias: 'zero' },
       { name: 'd', loss: 'mse' }, { name: 'e', loss: 'mse', normalize: false },
       { name: 'f', classes: ['x', 'y'] }, { name: 'g' }, { name: 'h' }]
      """
    let half = LabelPrior(count: 999, mean: 0.25, deviation: 0.4)
    let found = try biases(
      fixture,
      [half, half, half, half, half, half, LabelPrior(count: 9, mean: 0), nil])
    let logit = log((249.75 + 0.5) / (749.25 + 0.5))
    let expected = [logit, logit + log(4), 0, 0, 0.25, 0, log(0.5 / 9.5), 0]
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
  }

  /// The towers of a funnel give conditional probabilities, those of `aitm` the steps' own.
  @Test func biasesOfStepsStartAtTheirConditionalRates() throws {
    var fixture = SpecFixture()
    fixture.tasks = "[{ name: 'buy' }, { name: 'click' }]"
    let priors = [
      LabelPrior(count: 10_000, mean: 0.02, deviation: 0.1),
      LabelPrior(count: 10_000, mean: 0.1, deviation: 0.3),
    ]
    for type in ["esmm", "funnel_v2", "funnel_v3", "funnel_v4"] {
      fixture.model = "{ type: '\(type)', funnel: ['click', 'buy'] }"
      let found = try biases(fixture, priors)
      #expect(abs(found[0] - log(200.5 / 800.5)) < 1e-12, "\(type)")
      #expect(abs(found[1] - log(1000.5 / 9000.5)) < 1e-12, "\(type)")
    }
    fixture.model = "{ type: 'aitm', funnel: ['click', 'buy'] }"
    #expect(abs(try biases(fixture, priors)[0] - log(200.5 / 9800.5)) < 1e-12)
  }

  /// A regression learns (y − μ)/2σ: ŷ = 2σ·z + μ, and losses are those of z. Beside another task its
  /// loss is brought to a derivative of ½.
  @Test(arguments: ["mse", "mae", "huber"]) func regressionsLearnNormalizedLabels(loss: String)
    throws
  {
    var fixture = SpecFixture()
    fixture.tasks = "[{ name: 'income', loss: '\(loss)' }, { name: 'married' }]"
    let plain = try outputs(fixture)
    let prior = LabelPrior(count: 20, mean: 3, deviation: 5)
    let scaled = try outputs(fixture, priors: [prior, nil])
    let z = try #require(plain["prediction.income"])
    let labels = try ModelFixture(fixture).feeds(rows: 20)[InputID(FeedLayout.labels)]
    guard case .floats(let y)? = labels else { throw TypeError(op: "test", "no labels") }
    var total = 0.0
    for k in 0..<20 {
      #expect(abs(try #require(scaled["prediction.income"])[k] - (10 * z[k] + 3)) < 1e-12)
      let distance = abs(z[k] - (y[2 * k] - 3) / 10)
      let own: Double =
        switch loss {
        case "mse": distance * distance
        case "mae": distance
        default: distance <= 0.5 ? distance * distance / 2 : (distance - 0.25) / 2
        }
      total += own
    }
    #expect(abs(try #require(scaled["loss.income"])[0] - total / 20) < 1e-12)
    // Of the first step: from the losses of predicting the mean, 1/4 and 1/8.
    let factor = loss == "mse" ? 0.5 : loss == "mae" ? 0.5 : 1
    let whole = try #require(scaled["loss"])[0] - (try #require(scaled["loss.married"])[0])
    #expect(abs(whole - factor * total / 20) < 1e-12)
    // Labels that are all alike have no scale.
    let same = try outputs(fixture, priors: [LabelPrior(count: 20, mean: 3), nil])
    for k in 0..<20 {
      #expect(abs(try #require(same["prediction.income"])[k] - (z[k] + 3)) < 1e-12)
    }
  }

  /// The zero-inflated lognormal of the paper, and its mean.
  @Test func amountsAreMostlyZero() throws {
    var fixture = SpecFixture()
    fixture.model = "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [] }"
    fixture.tasks = "[{ name: 'a', loss: 'ziln' }]"
    let model = try ModelFixture(fixture)
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0))
    let labels = [0.0, 2.5, 0, 1, 300]
    var feeds = model.feeds(rows: 5)
    feeds[InputID(FeedLayout.labels)] = .floats(labels)
    try eager.step(batchSize: 5, feeds: feeds, isUpdating: false)
    let kernel = ParameterID("towers.a.output.kernel")
    let count = try #require(eager.engine.variable(kernel)?.values.count)
    try eager.engine.setValues(of: kernel, [Double](repeating: 0, count: count))
    // With a kernel of zeros the outputs are the biases.
    let (z, mean, s) = (-0.4, 0.7, 0.3)
    try eager.engine.setValues(of: ParameterID("towers.a.output.bias"), [z, mean, s])
    let outputs = try eager.step(batchSize: 5, feeds: feeds, isUpdating: false)
    let (p, deviation) = (Self.sigmoid(z), log(1 + exp(s)))
    let losses = labels.map { y in
      guard y > 0 else { return -log(1 - p) }
      let distance = (log(y) - mean) / deviation
      return -log(p) + log(y * deviation * (2 * Double.pi).squareRoot()) + distance * distance / 2
    }
    #expect(abs(try #require(outputs["loss"]?.floats[0]) - losses.reduce(0, +) / 5) < 1e-12)
    let expected = p * exp(mean + deviation * deviation / 2)
    #expect(abs(try #require(outputs["prediction.a"]?.floats[0]) - expected) < 1e-12)

    // A head that has learned little: its mean stays a number that f32 has.
    try eager.engine.setValues(of: ParameterID("towers.a.output.bias"), [z, 50, 30])
    let far = try eager.step(batchSize: 5, feeds: feeds, isUpdating: false)
    let largest = try #require(far["prediction.a"]?.floats[0])
    #expect(abs(largest / (p * exp(88)) - 1) < 1e-12)
    #expect(largest < Double(Float.greatestFiniteMagnitude))
  }

  @Test(arguments: [
    ("{ name: 'a', loss: 'ziln', normalize: true }", "normalize", "ziln"),
    ("{ name: 'a', loss: 'focal', positive_weight: 2 }", "positive_weight", "focal"),
    ("{ name: 'a', loss: 'mse', negative_sampling_rate: 0.5 }", "negative_sampling_rate", "mse"),
    ("{ name: 'a', focal_alpha: 0.5 }", "focal_alpha", "binary_cross_entropy"),
    ("{ name: 'a', normalize: false }", "normalize", "binary_cross_entropy"),
    (
      "{ name: 'a', classes: ['x', 'y'], output_bias: 'zero' }", "output_bias",
      "softmax_cross_entropy"
    ),
  ])
  func optionsGoWithTheirLosses(task: String, key: String, loss: String) {
    var fixture = SpecFixture()
    fixture.tasks = "[\(task)]"
    #expect(
      fixture.findings() == ["tasks[0].\(key): does not go with the loss \"\(loss)\""])
  }

  @Test func sharesHaveBounds() {
    var fixture = SpecFixture()
    fixture.tasks = "[{ name: 'a', negative_sampling_rate: 0 }, { name: 'b', positive_weight: 0 }]"
    #expect(
      fixture.findings() == [
        "tasks[0].negative_sampling_rate: expected a number greater than 0 and at most 1, found the"
          + " number 0",
        "tasks[1].positive_weight: expected a number greater than 0, found the number 0",
      ])
  }
}
