import Foundation
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// What the models of funnels have in common.
@Suite struct FunnelTests {
  private func fixture(_ model: String, tasks: String? = nil) -> SpecFixture {
    var small = SpecFixture()
    small.tasks = tasks ?? "[{ name: 'click' }, { name: 'apply' }, { name: 'buy' }]"
    small.model = model
    return small
  }

  private func predictions(_ small: SpecFixture) throws -> [String: [Double]] {
    let fixture = try ModelFixture(small)
    let eager = fixture.eager(optimizer: Optimizer(kind: .adam, learningRate: 0.01))
    let feeds = fixture.feeds(rows: 16)
    try eager.step(batchSize: 16, feeds: feeds)
    return try eager.predict(batchSize: 16, feeds: feeds).mapValues(\.floats)
  }

  @Test(arguments: ["funnel_v2", "funnel_v3", "funnel_v4"])
  func multipliesConditionalProbabilities(type: String) throws {
    let small = fixture("{ type: '\(type)', tower_hidden_units: [5], conditional_outputs: true }")
    #expect(
      try small.spec().conditionalOutputs == [
        ConditionalOutput(task: "apply", condition: "click"),
        ConditionalOutput(task: "buy", condition: "apply"),
      ])
    let values = try predictions(small)
    for row in 0..<16 {
      let click = try #require(values["prediction.click"])[row]
      let apply = try #require(values["prediction.apply"])[row]
      let buy = try #require(values["prediction.buy"])[row]
      let applyGivenClick = try #require(values["prediction.apply_given_click"])[row]
      let buyGivenApply = try #require(values["prediction.buy_given_apply"])[row]
      #expect(abs(apply - click * applyGivenClick) < 1e-12)
      #expect(abs(buy - apply * buyGivenApply) < 1e-12)
    }
  }

  /// A chain of products keeps its order by itself, so that the penalty is there and is 0.
  @Test(arguments: ["esmm", "funnel_v2", "funnel_v3", "funnel_v4", "aitm"])
  func everyFunnelHasThePenaltyOnItsOrder(type: String) throws {
    let tasks = type == "esmm" ? "[{ name: 'click' }, { name: 'buy' }]" : nil
    func graph(_ alpha: Double) throws -> Graph {
      try ModelFixture(
        fixture("{ type: '\(type)', tower_hidden_units: [5], alpha: \(alpha) }", tasks: tasks)
      ).graph(.train)
    }
    #expect(try graph(0).output(named: "loss.order") == nil)
    #expect(try graph(0.3).output(named: "loss.order") != nil)
    let small = fixture("{ type: '\(type)', tower_hidden_units: [5], alpha: 2 }", tasks: tasks)
    let model = try ModelFixture(small)
    let eager = model.eager(optimizer: Optimizer(kind: .adam, learningRate: 0.01))
    let outputs = try eager.step(batchSize: 16, feeds: model.feeds(rows: 16))
    func value(_ name: String) throws -> Double { try #require(outputs[name]?.scalar) }
    let names = try small.spec().tasks.map(\.name)
    let losses = try names.map { try value("loss.\($0)") }.reduce(0, +)
    #expect(abs(try value("loss") - losses - value("loss.order")) < 1e-12)
    let probabilities = try names.map { try #require(outputs["prediction.\($0)"]?.floats) }
    var excess = 0.0
    for (earlier, later) in zip(probabilities, probabilities.dropFirst()) {
      for (p, q) in zip(earlier, later) { excess += max(q - p, 0) / 16 }
    }
    #expect(abs(try value("loss.order") - 2 * excess) < 1e-12)
    if type != "aitm" { #expect(excess == 0) }
  }

  @Test func aitmTellsConditionalProbabilitiesAsRatios() throws {
    let values = try predictions(
      fixture("{ type: 'aitm', tower_hidden_units: [5], conditional_outputs: true }"))
    for row in 0..<16 {
      let click = try #require(values["prediction.click"])[row]
      let apply = try #require(values["prediction.apply"])[row]
      let ratio = try #require(values["prediction.apply_given_click"])[row]
      #expect(abs(ratio - min(apply / click, 1)) < 1e-12)
    }
  }

  /// The order of the steps is the funnel's, the order of the outputs that of the tasks.
  @Test func takesTheOrderOfTheFunnel() throws {
    let small = fixture(
      "{ type: 'funnel_v2', tower_hidden_units: [5], funnel: ['buy', 'click', 'apply'] }")
    let values = try predictions(small)
    for row in 0..<16 {
      let buy = try #require(values["prediction.buy"])[row]
      let click = try #require(values["prediction.click"])[row]
      let apply = try #require(values["prediction.apply"])[row]
      #expect(buy > click && click > apply)
    }
  }

  @Test func derivesTheTasksOfAFunnel() throws {
    var small = fixture("{ type: 'aitm', funnel: ['click', 'apply', 'buy'] }")
    small.tasks = "null"
    let spec = try small.spec("tasks=null")
    #expect(spec.tasks.map(\.name) == ["click", "apply", "buy"])
    #expect(spec.dataDeclaration.labels.map(\.column) == ["click", "apply", "buy"])
  }

  @Test(arguments: [
    (
      "{ type: 'funnel_v2', funnel: ['click', 'apply', 'sell'] }",
      "model.funnel[2]: no task is named \"sell\"; known: click, apply, buy"
    ),
    (
      "{ type: 'funnel_v2', funnel: ['click', 'apply'] }",
      "model.funnel: does not name the task \"buy\""
    ),
    (
      "{ type: 'funnel_v2', funnel: ['click', 'apply', 'buy', 'buy'] }",
      "model.funnel: names a task twice"
    ),
    ("{ type: 'esmm' }", "model: esmm has two steps; funnel_v2 takes any number"),
    (
      "{ type: 'funnel_v3', tower_hidden_units: [] }",
      "model.tower_hidden_units: a step needs a hidden layer to pass on"
    ),
    (
      "{ type: 'aitm', tower_hidden_units: [] }",
      "model.tower_hidden_units: a step needs a hidden layer to pass on"
    ),
    (
      "{ type: 'funnel_v2', alpha: -1 }",
      "model.alpha: expected a number at least 0, found the number -1"
    ),
    (
      "{ type: 'esmm', user_features: ['jop'] }",
      "model.user_features: no feature is named \"jop\"; did you mean \"job\"?"
    ),
    (
      "{ type: 'esmm', user_features: ['age'] }",
      "model.user_features: \"age\" has no embedding to add up"
    ),
    (
      "{ type: 'esmm', user_features: ['job'], item_features: ['job'] }",
      "model.item_features: names a feature that is named before"
    ),
  ])
  func checksFunnels(model: String, finding: String) {
    let findings = fixture(model).findings()
    #expect(findings.contains(finding), "\(findings)")
  }

  @Test func checksTheTasksOfAFunnel() {
    #expect(
      fixture("{ type: 'aitm' }", tasks: "[{ name: 'a' }]").findings()
        == ["model: a funnel needs two tasks or more"])
    #expect(
      fixture("{ type: 'aitm' }", tasks: "[{ name: 'a' }, { name: 'b', loss: 'mse' }]").findings()
        == [
          "model: the task \"b\" has the loss \"mse\"; the steps of a funnel need"
            + " \"binary_cross_entropy\""
        ])
    #expect(
      fixture(
        "{ type: 'funnel_v2', conditional_outputs: true }",
        tasks: "[{ name: 'a' }, { name: 'b' }, { name: 'b_given_a' }]"
      ).findings() == [
        "model.conditional_outputs: the output \"b_given_a\" would have the name of a task"
      ])
    #expect(
      fixture("{ type: 'cgc' }", tasks: "[{ name: 'shared' }]").findings()
        == ["model: a task of this model cannot be named \"shared\""])
  }
}
