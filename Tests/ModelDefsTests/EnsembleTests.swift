import Foundation
import GraphIR
import ModelDefs
import Runtime
import Schema
import Testing

/// Members of a model against the formulas of the paper in double precision.
@Suite struct EnsembleTests {
  private static let members = 3
  private static let rows = 5
  private static let tasks = ["income", "married"]

  private func fixture(_ model: String = "type: 'shared_bottom'") -> SpecFixture {
    var fixture = SpecFixture()
    fixture.features =
      "[{ name: 'age', type: 'numeric' }, { name: 'job', type: 'id', embedding_dim: 3 }]"
    fixture.tasks = "[{ name: 'income' }, { name: 'married' }]"
    fixture.model =
      "{ \(model), bottom_hidden_units: [4], tower_hidden_units: [2], activation: 'tanh',"
      + " ensemble: { type: 'tabm', members: \(Self.members) } }"
    return fixture
  }

  private typealias Weights = [String: [Double]]

  /// act((x ⊙ r)·W ⊙ s + b) of one member.
  private func layer(_ x: [Double], _ name: String, units: Int, _ member: Int, _ w: Weights)
    -> [Double]
  {
    let (r, kernel) = (w["\(name).adapter_in"] ?? [], w["\(name).kernel"] ?? [])
    let (s, b) = (w["\(name).adapter_out"] ?? [], w["\(name).bias"] ?? [])
    return (0..<units).map { j in
      let product = x.indices.reduce(0.0) { sum, i in
        sum + x[i] * r[member * x.count + i] * kernel[i * units + j]
      }
      return tanh(product * s[member * units + j] + b[member * units + j])
    }
  }

  /// The logits of a row by member and task.
  private func logits(_ x: [Double], _ w: Weights) -> [[Double]] {
    (0..<Self.members).map { member in
      let shared = layer(x, "bottom.dense.0", units: 4, member, w)
      return Self.tasks.map { task in
        let h = layer(shared, "towers.\(task).dense.0", units: 2, member, w)
        let kernel = w["towers.\(task).output.kernel"] ?? []
        let bias = w["towers.\(task).output.bias"] ?? []
        return h.indices.reduce(bias[member]) { $0 + h[$1] * kernel[member * 2 + $1] }
      }
    }
  }

  private struct Data {
    var ids: [Int32]
    var ages: [Double]
    var labels: [Double]

    init(_ feeds: [InputID: EagerStorage<Double>]) throws {
      guard case .ids(let ids) = feeds[InputID(FeedLayout.ids)],
        case .floats(let ages) = feeds[InputID(FeedLayout.numeric)],
        case .floats(let labels) = feeds[InputID(FeedLayout.labels)]
      else { throw TypeError(op: "test", "no feeds") }
      (self.ids, self.ages, self.labels) = (ids, ages, labels)
    }

    func row(_ row: Int, _ w: Weights) -> [Double] {
      let (table, id) = (w["embedding.job"] ?? [], Int(ids[row]))
      return table[3 * id..<3 * id + 3] + [ages[row]]
    }
  }

  private func weights(_ model: EagerModel<Double>) -> Weights {
    Dictionary(
      uniqueKeysWithValues: model.engine.parameterIDs.map {
        ($0.name, model.engine.variable($0)?.values ?? [])
      })
  }

  /// The sum over the tasks of the mean over members and rows of the cross entropy.
  private func loss(_ data: Data, _ w: Weights) -> Double {
    var sum = 0.0
    for row in 0..<Self.rows {
      for member in logits(data.row(row, w), w) {
        for (task, z) in member.enumerated() {
          let y = data.labels[row * Self.tasks.count + task]
          sum += log(1 + exp(z)) - z * y
        }
      }
    }
    return sum / Double(Self.rows * Self.members)
  }

  /// Predictions, the loss, and by central differences the gradient of every number of every parameter.
  @Test func membersAreThoseOfThePaper() throws {
    let model = try ModelFixture(fixture())
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: 1))
    let feeds = model.feeds(rows: Self.rows)
    _ = try eager.predict(batchSize: Self.rows, feeds: feeds)
    let start = weights(eager)
    // Members differ by what they make of the features; the other adapters and biases start alike.
    #expect(Set(start["bottom.dense.0.adapter_in"] ?? []).count == Self.members * 4)
    #expect(start["bottom.dense.0.kernel"]?.count == 16)
    for name in ["bottom.dense.0.adapter_out", "towers.income.dense.0.adapter_in"] {
      #expect(Set(start[name] ?? []) == [1])
    }
    for id in eager.engine.parameterIDs where !id.name.hasSuffix("kernel") {
      let values = eager.engine.variable(id)?.values ?? []
      try eager.engine.setValues(
        of: id, values.enumerated().map { $1 + 0.3 * sin(Double($0 + id.name.count)) })
    }
    let (data, w) = (try Data(feeds), weights(eager))
    let outputs = try eager.predict(batchSize: Self.rows, feeds: feeds)
    for (task, name) in Self.tasks.enumerated() {
      let found = outputs[OutputName.prediction(name)]?.floats ?? []
      #expect(found.count == Self.rows)
      for row in found.indices {
        let members = logits(data.row(row, w), w).map { 1 / (1 + exp(-$0[task])) }
        let mean = members.reduce(0, +) / Double(Self.members)
        #expect(abs(found[row] - mean) < 1e-12)
      }
    }
    let step = try eager.step(batchSize: Self.rows, feeds: feeds)
    #expect(abs((step[OutputName.loss]?.scalar ?? .nan) - loss(data, w)) < 1e-12)
    for (name, values) in w {
      let moved = weights(eager)[name] ?? []
      for place in values.indices {
        var (above, below) = (w, w)
        above[name]?[place] += 1e-5
        below[name]?[place] -= 1e-5
        let slope = (loss(data, above) - loss(data, below)) / 2e-5
        #expect(abs(values[place] - moved[place] - slope) < 1e-8, "\(name) \(place)")
      }
    }
  }

  @Test func refusesWhatHasNoMembers() {
    func findings(_ change: (inout SpecFixture) -> Void) -> [String] {
      var fixture = fixture()
      change(&fixture)
      return fixture.findings()
    }
    #expect(
      findings { $0.model = $0.model.replacingOccurrences(of: "'tanh'", with: "'dice'") } == [
        "model.activation: \"dice\" does not go with \"ensemble\""
      ])
    #expect(
      findings {
        $0.model = $0.model.replacingOccurrences(of: "activation: 'tanh'", with: "batch_norm: true")
      } == [
        "model.batch_norm: does not go with \"ensemble\"; \"layer_norm\" does"
      ])
    #expect(
      findings { $0.features = "[{ name: 'job', type: 'id', encoding: 'one_hot' }]" } == [
        "model.ensemble: members read embeddings; give feature \"job\" an \"embedding_dim\" in place of"
          + " the encoding \"one_hot\""
      ])
    for (members, found) in [("1", "the number 1"), ("257", "the number 257")] {
      #expect(
        findings {
          $0.model = $0.model.replacingOccurrences(of: "members: 3", with: "members: \(members)")
        } == [
          "model.ensemble.members: expected an integer from 2 to 256, found \(found)"
        ])
    }
    #expect(
      findings { $0.model = $0.model.replacingOccurrences(of: "'tabm'", with: "'tab'") }.first?
        .contains("did you mean") == true
    )
    let adapted = findings {
      $0.model =
        "{ type: 'maml', group: 'user', base: \($0.model), ensemble: { type: 'tabm' } }"
      $0.training = "{}"
    }
    #expect(adapted.contains { $0.contains("model.base: a model with an \"ensemble\"") })
    #expect(
      adapted.contains { $0.contains("model.ensemble: does not go with a model that learns") })
  }
}
