import Foundation
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema
import TensorTypes
import TestSupport
import Testing

/// What every registered model must do, and the golden text of its graphs.
@Suite struct ModelTests {
  static let models = ModelSpecs.all

  static func fixture(_ model: String) throws -> ModelFixture {
    var fixture = SpecFixture()
    fixture.model = model
    fixture.features = """
      [{ name: 'job', type: 'id', embedding_dim: 4 }, { name: 'age', type: 'numeric' },
       { name: 'race', type: 'id', encoding: 'one_hot' }, { name: 'hours', type: 'numeric' },
       { name: 'town', type: 'id', embedding_dim: 4 }]
      """
    return try ModelFixture(fixture)
  }

  @Test func everyModelIsTested() {
    let ofRows = ModelRegistry.models.filter { !$0.learnsFromEpisodes }
    #expect(Set(ofRows.map { $0.type }) == Set(Self.models.map(\.type)))
  }

  @Test(arguments: models)
  func matchesItsGoldenGraph(type: String, model: String) throws {
    let fixture = try Self.fixture(model)
    let train = try fixture.graph(.train).text
    let predict = try fixture.graph(.predict).text
    try ModelFixture.checkGolden(train + "\n" + predict, type)
  }

  @Test(arguments: models)
  func handsOutLossesAndPredictions(type: String, model: String) throws {
    let fixture = try Self.fixture(model)
    let train = try fixture.graph(.train)
    let tasks = ["income", "married"]
    let penalties = type == "aitm" ? ["loss.order"] : []
    let conditional = fixture.spec.conditionalOutputs.map { OutputName.prediction($0.name) }
    #expect(
      train.outputs.map(\.name)
        == tasks.map(OutputName.loss) + penalties + ["loss"] + tasks.map(OutputName.prediction)
        + conditional)
    for output in train.outputs {
      let isLoss = output.name.hasPrefix("loss")
      #expect(train.type(of: output.value) == (isLoss ? .f32() : .f32(.batch, 1)))
    }
    let predict = try fixture.graph(.predict)
    #expect(predict.outputs.map(\.name) == tasks.map(OutputName.prediction) + conditional)
    #expect(!predict.text.contains("$labels"))
    #expect(Set(predict.parameters) == Set(train.parameters))
  }

  @Test(arguments: models)
  func learns(type: String, model: String) throws {
    let fixture = try Self.fixture(model)
    let eager = fixture.eager(
      hasMissingLabels: false, optimizer: Optimizer(kind: .adam, learningRate: 0.04))
    let feeds = fixture.feeds(rows: 24)
    var losses: [Double] = []
    for _ in 0..<70 {
      let outputs = try eager.step(batchSize: 24, feeds: feeds)
      losses.append(try #require(outputs["loss"]).floats[0])
    }
    // Both labels follow from one feature.
    #expect(losses[0] > 1)
    #expect(try #require(losses.last) < 0.2)
    let predictions = try eager.predict(batchSize: 24, feeds: feeds)
    for task in ["income", "married"] {
      let values = try #require(predictions[OutputName.prediction(task)]).floats
      #expect(values.allSatisfy { 0 <= $0 && $0 <= 1 })
    }
  }

  @Test(arguments: models)
  func everyParameterGetsAGradient(type: String, model: String) throws {
    let fixture = try Self.fixture(model)
    let eager = fixture.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0.1))
    try eager.step(batchSize: 32, feeds: fixture.feeds(rows: 32), isUpdating: false)
    for parameter in try fixture.graph(.train).parameters {
      let gradient = try #require(eager.gradients[parameter.id], "\(parameter.id)")
      #expect(gradient.contains { $0 != 0 }, "\(parameter.id)")
    }
  }

  /// From the second level on the shared part has an input of its own, which its experts and its gate
  /// read.
  @Test func sharedGateOfPLEReadsTheSharedInput() throws {
    let graph = try Self.fixture(
      "{ type: 'ple', num_levels: 3, num_task_experts: 1, num_shared_experts: 1,"
        + " expert_hidden_units: [4], tower_hidden_units: [3] }"
    ).graph(.train)
    func input(_ kernel: String) throws -> ValueID {
      let read = try #require(graph.parameterReads[ParameterID(kernel)], "\(kernel)")
      let product = graph.nodes.first { $0.op.mnemonic == "matmul" && $0.operands[1] == read }
      return try #require(product).operands[0]
    }
    let shared = try input("levels.1.experts.shared.0.dense.0.kernel")
    #expect(try input("levels.1.gates.shared.kernel") == shared)
    #expect(try input("levels.1.experts.income.0.dense.0.kernel") != shared)
    #expect(try input("levels.1.gates.income.kernel") != shared)
  }

  /// Rows without a label count neither in the loss nor in its gradient.
  @Test func masksMissingLabels() throws {
    let fixture = try Self.fixture(Self.models[0].model)
    let settings = Optimizer(kind: .sgd, learningRate: 0.1)
    var feeds = fixture.feeds(rows: 8)
    let whole = try fixture.eager(optimizer: settings).step(
      batchSize: 8, feeds: feeds, isUpdating: false)
    let plain = try fixture.eager(hasMissingLabels: false, optimizer: settings).step(
      batchSize: 8, feeds: feeds, isUpdating: false)
    let loss = try #require(whole["loss"]).floats[0]
    #expect(abs(loss - (try #require(plain["loss"]).floats[0])) < 1e-12)

    // The first task keeps its first four labels, the second none.
    feeds["label_mask"] = .floats((0..<16).map { $0 % 2 == 0 && $0 < 8 ? 1 : 0 })
    let masked = try fixture.eager(optimizer: settings).step(
      batchSize: 8, feeds: feeds, isUpdating: false)
    #expect(try #require(masked["loss.married"]).floats == [0])
    let rows = try #require(plain["prediction.income"]).floats
    let labels = try #require(feeds["labels"]).floats
    var expected = 0.0
    for row in 0..<4 {
      let p = labels[row * 2] == 1 ? rows[row] : 1 - rows[row]
      expected -= log(p) / 4
    }
    #expect(abs(try #require(masked["loss.income"]).floats[0] - expected) < 1e-9)
  }

  @Test func weighsRowsAndTasks() throws {
    var small = SpecFixture()
    small.data = "{ train: 'a', sample_weight: 'w' }"
    small.tasks = "[{ name: 'income', weight: 0.25 }, { name: 'married', loss: 'mse', weight: 2 }]"
    let fixture = try ModelFixture(small)
    let settings = Optimizer(kind: .sgd, learningRate: 0.1)
    var feeds = fixture.feeds(rows: 4)
    feeds["sample_weight"] = .floats([3, 1, 0, 0])
    let outputs = try fixture.eager(optimizer: settings).step(
      batchSize: 4, feeds: feeds, isUpdating: false)
    let income = try #require(outputs["loss.income"]).floats[0]
    let married = try #require(outputs["loss.married"]).floats[0]
    let total = try #require(outputs["loss"]).floats[0]
    let weighted: Double = 0.25 * income + 2 * married
    #expect(abs(total - weighted) < 1e-12)
    let values = try #require(outputs["prediction.married"]).floats
    let labels = try #require(feeds["labels"]).floats
    let errors = (0..<2).map { row -> Double in
      let difference = values[row] - labels[row * 2 + 1]
      return difference * difference
    }
    let expected: Double = (3 * errors[0] + errors[1]) / 4
    #expect(abs(married - expected) < 1e-12)
  }

  @Test func learnsTaskWeights() throws {
    var small = SpecFixture()
    small.training = "{ task_weighting: 'uncertainty' }"
    let fixture = try ModelFixture(small)
    let eager = fixture.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0.1))
    let feeds = fixture.feeds(rows: 8)
    let first = try eager.step(batchSize: 8, feeds: feeds)
    let losses = try ["loss.income", "loss.married", "loss"].map {
      try #require(first[$0]).floats[0]
    }
    #expect(abs(losses[2] - losses[0] - losses[1]) < 1e-12)
    // ∂/∂s (loss·e^−s + s/2) at s = 0 is 1/2 − loss.
    let s = try #require(eager.engine.variable("uncertainty.income")).values[0]
    #expect(abs(s - 0.1 * (losses[0] - 0.5)) < 1e-12)
    let second = try eager.step(batchSize: 8, feeds: feeds)
    #expect(abs(try #require(second["weight.income"]).floats[0] - exp(-s)) < 1e-12)
  }

  @Test func smoothsLabels() throws {
    var small = SpecFixture()
    small.tasks = "[{ name: 'income', label_smoothing: 0.2 }]"
    let fixture = try ModelFixture(small)
    var feeds = fixture.feeds(rows: 2)
    feeds["labels"] = .floats([1, 0])
    let outputs = try fixture.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0.1))
      .step(batchSize: 2, feeds: feeds)
    let p = try #require(outputs["prediction.income"]).floats
    let expected: Double =
      -(0.9 * log(p[0]) + 0.1 * log(1 - p[0]) + 0.1 * log(p[1]) + 0.9 * log(1 - p[1])) / 2
    #expect(abs(try #require(outputs["loss.income"]).floats[0] - expected) < 1e-12)
  }

  @Test func refusesASchemaOfAnotherSpec() throws {
    let fixture = try Self.fixture(Self.models[0].model)
    var schema = fixture.schema
    schema.features.swapAt(0, 1)
    #expect(throws: ModelError.self) {
      try buildModel(
        fixture.spec, schema: schema, purpose: .train, on: GraphBuilder(name: "g"))
    }
    schema = fixture.schema
    schema.labels.removeLast()
    #expect(throws: ModelError.self) {
      try buildModel(
        fixture.spec, schema: schema, purpose: .train, on: GraphBuilder(name: "g"))
    }
  }
}
