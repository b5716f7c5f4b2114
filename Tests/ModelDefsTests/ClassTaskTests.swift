import Foundation
import ModelDefs
import Plan
import Schema
import Testing

/// Tasks with several classes.
@Suite struct ClassTaskTests {
  private static let classes = "[{ name: 'job', label: 'work', classes: ['a', 'b', 'c'] }]"

  private static func fixture(_ tasks: String, _ model: String? = nil) -> SpecFixture {
    var fixture = SpecFixture()
    fixture.tasks = tasks
    fixture.features = "[{ name: 'age', type: 'numeric' }]"
    if let model { fixture.model = model }
    return fixture
  }

  @Test func isDeclared() throws {
    let spec = try Self.fixture(Self.classes).spec()
    #expect(spec.tasks[0].loss == .softmaxCrossEntropy && spec.tasks[0].outputs == 3)
    #expect(spec.dataDeclaration.labels[0].kind == .classes(["a", "b", "c"]))
    func findings(_ tasks: String, _ model: String? = nil) -> [String] {
      Self.fixture(tasks, model).findings()
    }
    #expect(
      findings("[{ name: 'job', loss: 'softmax_cross_entropy' }]")
        == ["tasks[0].loss: needs \"classes\", the texts of the label"])
    #expect(
      findings("[{ name: 'job', classes: ['a'] }]")
        == ["tasks[0].classes: names 1 classes; 2 to 1024 are possible"])
    #expect(
      findings("[{ name: 'job', classes: ['a', 'b', 'a'] }]")
        == ["tasks[0].classes: names \"a\" twice"])
    #expect(
      findings("[{ name: 'job', classes: ['a', 'b'], loss: 'mse' }]")
        == ["tasks[0].classes: does not go with the loss \"mse\""])
    #expect(
      findings("[{ name: 'job', classes: ['a', 'b'], positive: ['a'] }]")
        == ["tasks[0].positive: does not go with the loss \"softmax_cross_entropy\""])
    let funnel = findings(
      "[{ name: 'job', classes: ['a', 'b'] }, { name: 'b' }]", "{ type: 'esmm' }")
    #expect(funnel.contains { $0.contains("the steps of a funnel need") })
  }

  @Test(arguments: [0, 0.2]) func lossAndProbabilities(smoothing: Double) throws {
    let tasks = """
      [{ name: 'job', classes: ['a', 'b', 'c'], label_smoothing: \(smoothing) }, { name: 'y' }]
      """
    let fixture = try ModelFixture(Self.fixture(tasks))
    var feeds = fixture.feeds(rows: 3)
    feeds["labels"] = .floats([2, 0, 0, 1, 1, 1])
    feeds["label_mask"] = .floats([1, 1, 1, 1, 0, 1])
    let outputs = try fixture.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0.1))
      .step(batchSize: 3, feeds: feeds)
    let p = try #require(outputs["prediction.job"]).floats
    #expect(p.count == 9)
    for row in 0..<3 { #expect(abs(p[row * 3..<row * 3 + 3].reduce(0, +) - 1) < 1e-9) }
    func loss(_ row: Int, _ label: Int) -> Double {
      (0..<3).reduce(0) { sum, k in
        let target: Double = (k == label ? 1 - smoothing : 0) + smoothing / 3
        return sum - target * log(p[row * 3 + k])
      }
    }
    let expected = (loss(0, 2) + loss(1, 0)) / 2
    #expect(abs(try #require(outputs["loss.job"]).floats[0] - expected) < 1e-9)
  }
}
