import GraphIR
import ModelDefs
import Passes
import Runtime
import TensorTypes
import TestSupport
import Testing

/// The meta gradient in double precision against central differences, on networks small enough.
@Suite struct MetaGradientTests {
  typealias Engine = EagerEngine<Double>
  static let side = 16
  static let networks = [
    BaseNetwork(kind: .conv4, channels: 2), BaseNetwork(kind: .mlp, hiddenUnits: [3]),
  ]

  private func model(_ network: BaseNetwork, order: Int) -> ImageEpisodeModel {
    ImageEpisodeModel(
      network: network,
      inner: InnerLoop(steps: 2, evaluationSteps: 2, learningRate: 0.2, order: order), ways: 2,
      shots: 2, queries: 3)
  }

  /// A task with the values of every feed.
  private func feeds(_ model: ImageEpisodeModel) -> [InputID: EagerStorage<Double>] {
    var generator = SplitMix64(seed: 5)
    var feeds: [InputID: EagerStorage<Double>] = [:]
    for (part, count) in [("support", model.shots), ("query", model.queries)] {
      let images = model.ways * count
      feeds[InputID("\(part).images")] = .floats(
        (0..<images * Self.side * Self.side).map { _ in
          Double.random(in: -1...1, using: &generator)
        })
      feeds[InputID("\(part).labels")] = .ids((0..<images).map { Int32($0 / count) })
    }
    return feeds
  }

  /// The meta gradient by the graph's rules, and by the engine's own.
  private func gradients(
    _ model: ImageEpisodeModel, _ engine: Engine
  ) throws -> (symbolic: [ParameterID: [Double]], tape: [ParameterID: [Double]]) {
    let builder = GraphBuilder(name: "task")
    try model.build(height: Self.side, width: Self.side, on: builder)
    let graph = try Differentiate(target: .outputs).run(builder.graph)
    engine.beginStep(batchSize: 1, feeds: feeds(model), isRecording: false)
    try GraphInterpreter(graph).run(on: engine)
    var symbolic: [ParameterID: [Double]] = [:]
    for parameter in graph.parameters {
      symbolic[parameter.id] = engine.output(named: "gradient.\(parameter.id.name)")?.floats
    }
    try engine.finishStep(optimizer: nil)

    engine.beginStep(batchSize: 1, feeds: feeds(model))
    try model.build(height: Self.side, width: Self.side, on: engine)
    let loss = try #require(engine.output(named: "loss"))
    let reads = try graph.parameters.map { try engine.parameter($0) }
    let found = try engine.gradients(of: loss, withRespectTo: reads)
    let tape = Dictionary(
      uniqueKeysWithValues: zip(graph.parameters, found).map { ($0.id, $1.floats) })
    try engine.finishStep(optimizer: nil)
    return (symbolic, tape)
  }

  private func loss(_ engine: Engine, _ model: ImageEpisodeModel) throws -> Double {
    engine.beginStep(batchSize: 1, feeds: feeds(model))
    defer { try? engine.finishStep(optimizer: nil) }
    try model.build(height: Self.side, width: Self.side, on: engine)
    return try #require(engine.output(named: "loss")?.scalar)
  }

  /// Central differences of `loss` by a few elements of each parameter.
  private func check(
    _ exact: [ParameterID: [Double]], _ engine: Engine, _ loss: () throws -> Double
  ) throws {
    let step = 1e-6
    #expect(!exact.isEmpty)
    for (id, gradient) in exact {
      let start = try #require(engine.variable(id)).values
      #expect(gradient.count == start.count)
      for element in Set([0, start.count / 2, start.count - 1]) {
        var moved = start
        moved[element] = start[element] + step
        try engine.setValues(of: id, moved)
        let above = try loss()
        moved[element] = start[element] - step
        try engine.setValues(of: id, moved)
        let below = try loss()
        let difference = (above - below) / (2 * step)
        #expect(
          abs(difference - gradient[element]) <= 1e-6 * max(1, abs(difference)),
          "\(id) element \(element): \(gradient[element]), differences give \(difference)")
      }
      try engine.setValues(of: id, start)
    }
  }

  private func agree(_ a: [ParameterID: [Double]], _ b: [ParameterID: [Double]]) {
    for (id, values) in a {
      for (x, y) in zip(values, b[id] ?? []) {
        #expect(abs(x - y) <= 1e-9 * max(1, abs(x)), "\(id): \(x) and \(y)")
      }
    }
  }

  /// Second order: the derivative of the loss after the inner loop by the weights before it.
  @Test(arguments: networks) func secondOrder(_ network: BaseNetwork) throws {
    let model = model(network, order: 2)
    let engine = Engine(seed: 3)
    let (symbolic, tape) = try gradients(model, engine)
    agree(symbolic, tape)
    try check(symbolic, engine) { try loss(engine, model) }
  }

  /// First order: the derivative of the query loss by the adapted weights.
  @Test(arguments: networks) func firstOrder(_ network: BaseNetwork) throws {
    let model = model(network, order: 1)
    let engine = Engine(seed: 3)
    let (symbolic, tape) = try gradients(model, engine)
    agree(symbolic, tape)
    // The weights after the inner loop.
    engine.beginStep(batchSize: 1, feeds: feeds(model))
    let adapted = AdaptedEmitter(engine) { _ in true }
    for _ in 0..<model.inner.steps {
      let support = try model.classify("support", model.shots, Self.side, Self.side, on: adapted)
      try adapted.descend(on: support.loss, rate: model.inner.learningRate, createGraph: false)
    }
    let values = adapted.values.mapValues(\.floats)
    try engine.finishStep(optimizer: nil)
    for (id, floats) in values { try engine.setValues(of: id, floats) }
    var query = model
    query.inner.steps = 0
    try check(symbolic, engine) { try loss(engine, query) }
  }

  /// The two orders differ: the inner loop is long enough for it to matter.
  @Test func ordersDiffer() throws {
    let network = Self.networks[1]
    let first = try gradients(model(network, order: 1), Engine(seed: 3)).symbolic
    let second = try gradients(model(network, order: 2), Engine(seed: 3)).symbolic
    let gap = first.flatMap { id, values in zip(values, second[id] ?? []).map { abs($0 - $1) } }
    #expect((gap.max() ?? 0) > 1e-3)
  }
}
