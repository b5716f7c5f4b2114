import GraphIR
import ModelDefs
import Runtime
import Schema
import TensorTypes
import Testing

/// What crosses the features before a model, against the formulas of the papers in double precision.
@Suite struct InteractionTests {
  private static let features = """
    [{ name: 'age', type: 'numeric' }, { name: 'job', type: 'id', embedding_dim: 3 },
     { name: 'town', type: 'id', embedding_dim: 3 }, { name: 'team', type: 'id', embedding_dim: 3 }]
    """
  private static let rows = 5

  private func fixture(_ interaction: String) -> SpecFixture {
    var fixture = SpecFixture()
    fixture.features = Self.features
    fixture.model =
      "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [],"
      + " interaction: \(interaction) }"
    return fixture
  }

  /// The input of the model, read out by towers whose weights are the columns of the identity: the
  /// value of each column for each row.
  private func crossed(
    _ interaction: String, width: Int
  ) throws -> (
    columns: [[Double]], model: EagerModel<Double>, feeds: [InputID: EagerStorage<Double>]
  ) {
    var fixture = fixture(interaction)
    fixture.tasks =
      "[" + (0..<width).map { "{ name: 'c\($0)', loss: 'mse' }" }.joined(separator: ",")
      + "]"
    let model = try ModelFixture(fixture)
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0))
    let feeds = model.feeds(rows: Self.rows)
    _ = try eager.predict(batchSize: Self.rows, feeds: feeds)
    for column in 0..<width {
      try eager.engine.setValues(
        of: ParameterID("towers.c\(column).output.kernel"),
        (0..<width).map { $0 == column ? 1 : 0 })
    }
    // Biases of the cross layers start at 0, where they would show nothing.
    for id in eager.engine.parameterIDs
    where id.name.hasPrefix("interaction") && id.name.hasSuffix("bias") {
      let count = eager.engine.variable(id)?.values.count ?? 0
      try eager.engine.setValues(of: id, (0..<count).map { Double($0) / 10 - 0.3 })
    }
    let outputs = try eager.predict(batchSize: Self.rows, feeds: feeds)
    let columns = (0..<width).map { outputs[OutputName.prediction("c\($0)")]?.floats ?? [] }
    return (columns, eager, feeds)
  }

  private func values(_ name: String, _ model: EagerModel<Double>) throws -> [Double] {
    try #require(model.engine.variable(ParameterID(name))?.values)
  }

  /// The features of a row side by side: three embeddings, then the number.
  private func row(
    _ row: Int, _ model: EagerModel<Double>, _ feeds: [InputID: EagerStorage<Double>]
  ) throws -> [Double] {
    guard case .ids(let ids) = feeds[InputID(FeedLayout.ids)],
      case .floats(let numbers) = feeds[InputID(FeedLayout.numeric)]
    else { throw TypeError(op: "test", "no feeds") }
    let tables = ["job", "town", "team"]
    return try tables.indices.flatMap { feature in
      let table = try values("embedding.\(tables[feature])", model)
      let id = Int(ids[row * tables.count + feature])
      return Array(table[3 * id..<3 * id + 3])
    } + [numbers[row]]
  }

  @Test(arguments: [nil, 2]) func crossesAsThePaperDoes(rank: Int?) throws {
    let interaction = "{ type: 'dcn_v2', layers: 2\(rank.map { ", rank: \($0)" } ?? "") }"
    let (columns, model, feeds) = try crossed(interaction, width: 10)
    for index in 0..<Self.rows {
      let first = try row(index, model, feeds)
      var x = first
      for layer in 0..<2 {
        let kernel = try values("interaction.\(layer).kernel", model)
        let bias = try values("interaction.\(layer).bias", model)
        var input = x
        if let rank {
          let projection = try values("interaction.\(layer).projection.kernel", model)
          input = (0..<rank).map { k in
            (0..<10).reduce(0) { $0 + x[$1] * projection[$1 * rank + k] }
          }
        }
        x = (0..<10).map { j in
          let product = input.indices.reduce(bias[j]) { $0 + input[$1] * kernel[$1 * 10 + j] }
          return first[j] * product + x[j]
        }
      }
      for column in 0..<10 { #expect(abs(columns[column][index] - x[column]) < 1e-12) }
    }
  }

  @Test func pairsAreAddedUp() throws {
    let (fm, model, feeds) = try crossed("{ type: 'fm' }", width: 11)
    let (pooled, other, _) = try crossed("{ type: 'bi_interaction' }", width: 13)
    for index in 0..<Self.rows {
      func pairs(_ model: EagerModel<Double>) throws -> (row: [Double], products: [Double]) {
        let x = try row(index, model, feeds)
        var products = [0.0, 0, 0]
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
          for k in 0..<3 { products[k] += x[3 * i + k] * x[3 * j + k] }
        }
        return (x, products)
      }
      // Behind the embeddings and before the number.
      let (x, products) = try pairs(model)
      let inner = products.reduce(0, +)
      for (column, value) in (x[..<9] + [inner, x[9]]).enumerated() {
        #expect(abs(fm[column][index] - value) < 1e-12, "fm \(column)")
      }
      let (y, columns) = try pairs(other)
      for (column, value) in (y[..<9] + columns + [y[9]]).enumerated() {
        #expect(abs(pooled[column][index] - value) < 1e-12, "bi_interaction \(column)")
      }
    }
  }

  @Test func refusesWhatItCannotCross() {
    var one = fixture("{ type: 'fm' }")
    one.features = "[{ name: 'age', type: 'numeric' }, { name: 'job', type: 'id' }]"
    #expect(
      one.findings() == [
        "model.interaction: crosses embeddings of features, and needs two at least"
      ])
    var widths = fixture("{ type: 'bi_interaction' }")
    widths.features = """
      [{ name: 'job', type: 'id', embedding_dim: 3 }, { name: 'town', type: 'id', embedding_dim: 4 }]
      """
    #expect(
      widths.findings() == [
        "model.interaction: needs embeddings of one width; \"job\" has 3 and \"town\" 4"
      ])
    var groups = fixture("{ type: 'dcn_v2' }")
    groups.model =
      "{ type: 'esmm', user_features: ['job', 'town'], interaction: { type: 'dcn_v2' } }"
    #expect(
      groups.findings() == [
        "model.interaction: does not go with a model that adds up groups of features"
      ])
    #expect(
      fixture("{ type: 'dcn' }").findings().first?.contains("did you mean \"dcn_v2\"?") == true)
    #expect(
      fixture("{ type: 'fm', rank: 3 }").findings() == [
        "model.interaction.rank: does not go with the interaction type \"fm\"; it belongs to"
          + " \"dcn_v2\""
      ])
  }

  @Test func goesIntoTheModelThatIsAdapted() throws {
    var fixture = fixture("{ type: 'fm' }")
    let inner = fixture.model
    fixture.training = "{}"
    fixture.model = "{ type: 'maml', group: 'g', interaction: { type: 'fm' }, base: \(inner) }"
    #expect(
      fixture.findings() == [
        "model.interaction: goes into \"base\", before the model that is adapted"
      ])
    fixture.model = "{ type: 'maml', group: 'g', base: \(inner) }"
    #expect(fixture.findings() == [])
  }
}
