import GraphIR
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// The optimizers against steps computed by hand. The loss is Σ g·p, so that its gradient is g.
@Suite struct EagerOptimizerTests {
  /// A parameter that starts at 1 takes the gradients 2 and −4.
  @Test(arguments: Optimizer.Kind.allCases)
  func everyOptimizerIsCovered(_ kind: Optimizer.Kind) throws {
    let numbers: [Hyperparameter.Name: Double]
    let expected: [Double]
    switch kind {
    case .sgd:
      numbers = [.learningRate: 0.1]
      expected = [1 - 0.2, 1 - 0.2 + 0.4]
    case .adam:
      numbers = [.learningRate: 0.1, .beta1: 0.5, .beta2: 0.75]
      // t = 1: m = 1, v = 1; m̂ = 1/0.5 = 2, v̂ = 1/0.25 = 4: a step of lr.
      // t = 2: m = 0.5 − 2 = −1.5, v = 0.75 + 4 = 4.75; m̂ = −1.5/0.75 = −2, v̂ = 4.75/0.4375.
      expected = [0.9, 0.9 + 0.1 * 2 / (4.75 / 0.4375).squareRoot()]
    case .adamw:
      numbers = [.learningRate: 0.1, .beta1: 0.5, .beta2: 0.75, .weightDecay: 0.2]
      let first = 1 - 0.02 * 1 - 0.1
      expected = [first, first - 0.02 * first + 0.1 * 2 / (4.75 / 0.4375).squareRoot()]
    case .adagrad:
      numbers = [.learningRate: 0.5, .epsilon: 0.25, .initialAccumulator: 5]
      // s = 5 + 4 = 9, then 9 + 16 = 25
      expected = [1 - 1 / 3.25, 1 - 1 / 3.25 + 2 / 5.25]
    case .lion:
      numbers = [.learningRate: 0.1, .beta1: 0.75, .beta2: 0.5, .weightDecay: 0.5]
      // c = 0.5, m = 1; then c = 0.75 − 1 = −0.25. A decay of 0.05 of the weight each time.
      expected = [0.95 - 0.1, 0.95 * 0.85 + 0.1]
    }
    let found = try run(Optimizer(kind: kind, numbers), start: 1, [2, -4])
    expect(found, expected, tolerance: 1e-8)
  }

  @Test func momentum() throws {
    let settings = Optimizer(kind: .sgd, learningRate: 0.1, [.momentum: 0.5])
    let found = try run(settings, start: 1, [2, -4, 1])
    // m = 2, then 0.5·2 − 4 = −3, then 0.5·(−3) + 1 = −0.5
    expect(found, [0.8, 0.8 + 0.3, 0.8 + 0.3 + 0.05])
  }

  @Test(arguments: Optimizer.Kind.allCases)
  func penaltyAddsToTheGradient(_ kind: Optimizer.Kind) throws {
    let settings = Optimizer(kind: kind, learningRate: 0.1)
    // With p = 3 and λ = 0.5 the gradient 1 acts as 2.5.
    let found = try run(settings, start: 3, [1], l2: 0.5)
    expect(found, try run(settings, start: 3, [2.5]))
  }

  @Test func stateIsKeptAndLoaded() throws {
    let settings = Optimizer(kind: .adam, learningRate: 0.1)
    let straight = model(settings, start: 1, l2: 0)
    for gradient in [2.0, -4, 1] { try straight.step(batchSize: 1, feeds: feeds(gradient)) }
    let first = model(settings, start: 1, l2: 0)
    for gradient in [2.0, -4] { try first.step(batchSize: 1, feeds: feeds(gradient)) }
    let second = model(settings, start: 1, l2: 0)
    _ = try second.step(batchSize: 1, feeds: feeds(9), isUpdating: false)
    #expect(second.engine.step == 0 && second.gradients["p"] == [9])
    try second.engine.load(first.engine.state)
    try second.step(batchSize: 1, feeds: feeds(1))
    #expect(second.engine.state == straight.engine.state)
    #expect(second.engine.step == 3)
    let wrong = EagerState<Double>(step: 1, values: ["p": [1, 2]])
    #expect(throws: EagerError.parameterMismatch("p", count: 2, expected: .f32(1))) {
      try second.engine.load(wrong)
    }
    #expect(throws: EagerError.unknownParameter("q")) {
      try second.engine.load(EagerState(step: 1, values: ["q": [1]]))
    }
    #expect(second.engine.state == straight.engine.state)
  }

  // MARK: One parameter and its gradients

  private func feeds(_ gradient: Double) -> EagerModel<Double>.Feeds {
    ["g": .floats([gradient])]
  }

  private func model(
    _ settings: Optimizer, start: Double, l2: Double
  ) -> EagerModel<Double> {
    EagerModel(seed: 0, optimizer: settings) { engine in
      let p = try engine.parameter(Parameter("p", .f32(1), .constant(start), l2: l2))
      let frozen = try engine.parameter(
        Parameter("frozen", .f32(1), .constant(7), isTrainable: false))
      let g = try engine.input("g", .f32(1))
      try engine.output("loss", engine.sum(engine.mul(engine.add(p, frozen), g)))
    }
  }

  /// The parameter after each step.
  private func run(
    _ settings: Optimizer, start: Double, _ gradients: [Double], l2: Double = 0
  ) throws -> [Double] {
    let model = model(settings, start: start, l2: l2)
    return try gradients.map { gradient in
      try model.step(batchSize: 1, feeds: feeds(gradient))
      #expect(model.engine.variable("frozen")?.values == [7])
      let variable = try #require(model.engine.variable("p"))
      #expect(variable.states.count == settings.stateCount)
      return variable.values[0]
    }
  }

  private func expect(_ found: [Double], _ expected: [Double], tolerance: Double = 1e-12) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= tolerance, "\(a) ≠ \(b)") }
  }
}
