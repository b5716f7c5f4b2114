import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import TestSupport
import Testing

/// The comparison behind `mtlc compare` for models that learn from tasks: the eager engine makes the
/// compiled program's choices at kinks.
@Suite struct MetaModesTests {
  static let side = 16
  static let tasks = 2

  /// Episodes of random images.
  struct Source: EpisodeSource {
    let model: ImageEpisodeModel

    func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?) {
      var random = SplitMix64(seed: UInt64(episode) + 1)
      for (part, count) in [("support", model.shots), ("query", model.queries)] {
        let images = destination("\(part).images")?.assumingMemoryBound(to: Float.self)
        let labels = destination("\(part).labels")?.assumingMemoryBound(to: Int32.self)
        for image in 0..<model.ways * count {
          labels?[image] = Int32(image / count)
          for pixel in 0..<side * side {
            // A background with a few spots, as in drawings: windows with equal elements are common.
            let isSpot = random.next() % 5 == 0
            let level = Float(random.next() % 1000) / 1000
            images?[image * side * side + pixel] = isSpot ? level : -1
          }
        }
      }
    }
  }

  struct Outcome {
    /// max |eager − static| over the largest magnitude of a parameter's gradient.
    var gradient = 0.0
    var loss = 0.0
    var choices = ComparisonReport.Choices()
  }

  /// One step of both, where `change` may spoil the compiled graph, or the choices.
  private func compare(
    order: Int, graph change: (Graph) throws -> Graph = { $0 },
    choices: ([[Float]]) -> [[Float]] = { $0 }
  ) throws -> Outcome {
    let model = ImageEpisodeModel(
      network: BaseNetwork(kind: .conv4, channels: 6),
      inner: InnerLoop(steps: 3, evaluationSteps: 3, learningRate: 0.2, order: order), ways: 3,
      shots: 1, queries: 4)
    let optimizer = Optimizer(kind: .adam, learningRate: 0.01)
    let builder = GraphBuilder(name: "task")
    try model.build(height: Self.side, width: Self.side, on: builder)
    let plain = builder.graph
    let count = try EpisodeChoices.addOutputs(to: builder)
    // Eight in each of three inner steps and in the pass over the queries.
    #expect(count == 4 * 8)
    let plan = try Compiler().compile(
      Compiler.Model(
        name: "model",
        schema: DataSchema(format: TableFormat(), features: [], labels: []), tasks: [],
        training: TrainingSettings(
          batchSize: 1, evaluationBatchSize: 1, epochs: 1, seed: 1, optimizer: optimizer),
        programs: [
          .init(.gradients, .gradients, try change(builder.graph), capacity: 1),
          .init(.predict, .predict, plain, capacity: 1),
          .init(
            .train, .predict,
            try MetaUpdate.graph(name: "update", parameters: builder.graph.parameters), capacity: 1),
        ],
        episodes: EpisodeSettings(
          kind: .images(
            ways: 3, shots: 1, queries: 4, height: Self.side, width: Self.side, rotations: false),
          steps: 1, tasksPerStep: Self.tasks, evaluationEpisodes: 1, evaluationInterval: 0))
    ).plan
    let session = try StaticEpisodeEngine(plan: plan, threads: 2)
    let engine = EagerEpisodeEngine<Double>(
      plan.training, feeds: plan.episodes?.feeds(plan.schema) ?? []
    ) { try model.build(height: Self.side, width: Self.side, on: $0) }
    let source = Source(model: model)
    let (compiled, fetched) = try session.trainObserved(source, episodes: 0..<Self.tasks)
    let gradients = try session.gradients()
    let (eager, report) = try engine.rehearse(
      source, episodes: 0..<Self.tasks,
      choices: fetched.map { choices(EpisodeName.choices($0)) })
    var outcome = Outcome(loss: abs(compiled.loss - eager.loss), choices: report)
    for (name, values) in try engine.gradients() {
      let other = try #require(gradients[name])
      let largest = values.map(abs).max() ?? 0
      for (a, b) in zip(values, other) {
        outcome.gradient = max(outcome.gradient, abs(a - Double(b)) / max(largest, 1e-30))
      }
    }
    return outcome
  }

  @Test(arguments: [1, 2]) func modesAgree(order: Int) throws {
    let outcome = try compare(order: order)
    #expect(outcome.gradient <= 1e-4)
    #expect(outcome.loss <= 1e-5)
    #expect(outcome.choices.farthest <= 1e-5)
    #expect(outcome.choices.count > 10_000)
  }

  /// The derivative of relu, forgotten: the compiled gradient passes everywhere.
  @Test(arguments: [1, 2]) func aBrokenGradientRuleIsFound(order: Int) throws {
    let outcome = try compare(
      order: order,
      graph: { graph in
        let named = Set(graph.outputs.map(\.value))
        return try graph.rewritten { rewriter, _, node in
          guard node.op == .elementwise(.unary(.step)), !named.contains(node.results[0]) else {
            return nil
          }
          let type = rewriter.source.type(of: node.results[0])
          return try rewriter.builder.emit(.source(.constant(1, type)), [])
        }
      })
    #expect(outcome.gradient > 1e-2)
  }

  /// A choice that rounding does not excuse is reported.
  @Test func aWrongChoiceIsFound() throws {
    // The other side of relu, another place of the window.
    let outcome = try compare(
      order: 1, choices: { $0.map { $0.map { $0 > 1 ? 0 : 1 - $0 } } })
    #expect(outcome.choices.farthest > 1e-2)
    let missing = #expect(throws: TypeError.self) {
      try compare(order: 1, choices: { Array($0.dropLast()) })
    }
    #expect(missing?.description.contains("that nobody made") == true)
  }
}
