import Foundation
import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import TestSupport
import Testing

/// Training runs on episodes: schedules, clipping, early stopping and checkpoints work as on rows.
@Suite struct EpisodeTrainingTests {
  static let side = 4
  static let model = ImageEpisodeModel(
    network: BaseNetwork(kind: .mlp, hiddenUnits: [5]),
    inner: InnerLoop(steps: 1, evaluationSteps: 2, learningRate: 0.1, order: 2), ways: 2, shots: 1,
    queries: 2)

  /// Two classes that differ in their mean.
  struct Source: EpisodeSource {
    var seed: UInt64 = 1

    func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?) {
      var random = SplitMix64(seed: UInt64(episode) &* 31 + seed)
      for (part, count) in [(EpisodeName.support, model.shots), (EpisodeName.query, model.queries)]
      {
        let images = destination("\(part).images")?.assumingMemoryBound(to: Float.self)
        let labels = destination("\(part).labels")?.assumingMemoryBound(to: Int32.self)
        for image in 0..<model.ways * count {
          labels?[image] = Int32(image / count)
          for pixel in 0..<side * side {
            let noise = Float(random.next() % 1000) / 1000
            images?[image * side * side + pixel] = noise + Float(image / count)
          }
        }
      }
    }
  }

  static func plan(
    steps: Int = 10, interval: Int = 0, showsChoices: Bool = false,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Plan {
    var training = TrainingSettings(
      batchSize: 1, evaluationBatchSize: 1, epochs: 1, seed: 4,
      optimizer: Optimizer(kind: .adam, learningRate: 0.02))
    change(&training)
    func graph(isTraining: Bool) throws -> GraphBuilder {
      let builder = GraphBuilder(name: "task", isTraining: isTraining)
      try model.build(height: side, width: side, on: builder)
      return builder
    }
    let builder = try graph(isTraining: true)
    if showsChoices { try EpisodeChoices.addOutputs(to: builder) }
    let task = builder.graph
    return try Compiler().compile(
      Compiler.Model(
        name: "few", schema: DataSchema(format: TableFormat(), features: [], labels: []),
        tasks: [], training: training,
        programs: [
          .init(.gradients, .gradients, task, capacity: 1),
          .init(.predict, .predict, try graph(isTraining: false).graph, capacity: 1),
          .init(
            .train, .predict,
            try MetaUpdate.graph(
              name: "update", parameters: task.parameters, clipValue: training.clipping.value),
            capacity: 1),
        ],
        episodes: EpisodeSettings(
          kind: .images(
            ways: 2, shots: 1, queries: 2, height: side, width: side, rotations: false),
          steps: steps, tasksPerStep: 3, evaluationEpisodes: 4, evaluationInterval: interval))
    ).plan
  }

  static func eager<Scalar>(_ plan: Plan) -> EagerEpisodeEngine<Scalar> {
    EagerEpisodeEngine(plan.training, feeds: plan.episodes?.feeds(plan.schema) ?? []) {
      try model.build(height: side, width: side, on: $0)
    }
  }

  private static func trainer(
    _ engine: any EpisodeEngine, _ plan: Plan, isValidated: Bool = false
  ) throws -> Trainer {
    let validation: EpisodeSteps.Validation = (source: (Source(seed: 99), 4), set: .validation)
    return Trainer(
      try EpisodeSteps(engine, plan, Source(), validation: isValidated ? validation : nil))
  }

  /// The rate of each step is the schedule's, a run being one epoch of its steps.
  @Test func followsTheSchedule() throws {
    let plan = try Self.plan {
      $0.schedule = LearningRateSchedule(shape: .cosine(final: 0.1), period: .rest)
    }
    for engine in [try StaticEpisodeEngine(plan: plan) as any EpisodeEngine, Self.eager(plan)] {
      let report = try Self.trainer(engine, plan).train()
      #expect(report.epochs.map(\.step) == Array(1...10))
      for (step, epoch) in report.epochs.enumerated() {
        let share = 0.1 + 0.9 * (1 + cos(Double.pi * Double(step) / 10)) / 2
        #expect(abs(epoch.learningRate - 0.02 * share) < 1e-12)
        #expect(epoch.rows == 3)
      }
    }
  }

  /// What gradient descent makes of the gradient, cut by hand.
  @Test(arguments: [
    GradientClipping(value: 0.01), GradientClipping(norm: 0.05),
    GradientClipping(value: 0.02, norm: 0.03), GradientClipping(),
  ])
  func clipsTheMetaGradient(_ clipping: GradientClipping) throws {
    let plan = try Self.plan {
      $0.optimizer = Optimizer(kind: .sgd, learningRate: 0.5)
      $0.clipping = clipping
    }
    for engine in [try StaticEpisodeEngine(plan: plan) as any EpisodeEngine, Self.eager(plan)] {
      // The eager engine declares its parameters as it runs.
      _ = try engine.evaluate(Source(), episodes: 0..<1)
      let before = try engine.parameters()
      _ = try engine.train(Source(), episodes: 0..<3)
      let after = try engine.parameters()
      var gradients = try engine.gradients().mapValues { $0.map(Double.init) }
      let largest = gradients.values.flatMap { $0 }.map(abs).max() ?? 0
      try #require(largest > 0.02)
      if let value = clipping.value {
        gradients = gradients.mapValues { $0.map { min(max($0, -value), value) } }
      }
      if let norm = clipping.norm {
        let own = gradients.values.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }.squareRoot()
        try #require(own > norm)
        gradients = gradients.mapValues { $0.map { $0 * norm / own } }
      }
      #expect(!gradients.isEmpty)
      for (name, values) in gradients {
        let old = try #require(before[name])
        let new = try #require(after[name])
        for k in values.indices {
          #expect(abs(Double(new[k]) - (Double(old[k]) - 0.5 * values[k])) < 1e-6)
        }
      }
    }
  }

  /// Nothing improves on the first evaluation by as much as is asked for.
  @Test func endsWhenPatienceIsUsedUp() throws {
    let stopping = EarlyStopping(
      metric: "loss", maximizes: false, patience: 2, minDelta: 100)
    let plan = try Self.plan(steps: 40, interval: 5) { $0.earlyStopping = stopping }
    let engine = try StaticEpisodeEngine(plan: plan)
    let trainer = try Self.trainer(engine, plan, isValidated: true)
    var weights: [[Float]] = []
    trainer.onEvaluation = { _ in weights.append(engine.session.weights) }
    let report = try trainer.train()
    let losses = report.evaluations.compactMap(\.report.episodes?.loss.value)
    #expect(report.evaluations.map(\.step) == [5, 10, 15])
    #expect(engine.step == 15)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(report.best == BestEpoch(epoch: 5 * (best + 1), metric: "loss", value: losses[best]))
    #expect(engine.session.weights == weights[best])
    #expect(Set(weights).count == 3)
  }

  /// The best evaluation's parameters are kept when the run goes to its end.
  @Test func keepsTheBest() throws {
    let plan = try Self.plan(steps: 8, interval: 2) {
      $0.earlyStopping = EarlyStopping(metric: "loss", maximizes: true, patience: 100)
    }
    let engine = try StaticEpisodeEngine(plan: plan)
    let trainer = try Self.trainer(engine, plan, isValidated: true)
    var weights: [[Float]] = []
    trainer.onEvaluation = { _ in weights.append(engine.session.weights) }
    let report = try trainer.train()
    #expect(report.evaluations.map(\.step) == [2, 4, 6, 8])
    let losses = report.evaluations.compactMap(\.report.episodes?.loss.value)
    let best = try #require(losses.indices.max { losses[$0] < losses[$1] })
    try #require(best < 3)
    #expect(engine.session.weights == weights[best])
  }

  @Test func earlyStoppingNeedsWhatItGoesBy() throws {
    func fails(_ metric: String, interval: Int, validated: Bool = true) throws {
      let plan = try Self.plan(interval: interval) {
        $0.earlyStopping = EarlyStopping(metric: metric, maximizes: true)
      }
      let trainer = try Self.trainer(
        StaticEpisodeEngine(plan: plan), plan, isValidated: validated)
      #expect(throws: EarlyStoppingError.self) { try trainer.train() }
    }
    try fails("auc", interval: 1)
    try fails("click.loss", interval: 1)
    try fails("accuracy", interval: 0)
    try fails("accuracy", interval: 1, validated: false)
  }

  /// Stopped anywhere and gone on from a checkpoint, a run gives the bits of one that never stopped.
  @Test(arguments: [1, 4, 5, 7], [1, 2])
  func resumesToTheSameBits(stopAt: Int, threads: Int) throws {
    let plan = try Self.plan(steps: 9, interval: 2) {
      $0.schedule = LearningRateSchedule(
        shape: .exponential(factor: 0.9), period: .steps(2), warmup: .steps(3))
      $0.clipping = GradientClipping(value: 0.05, norm: 0.5)
      $0.earlyStopping = EarlyStopping(metric: "accuracy", maximizes: true, patience: 100)
    }
    func trainer(_ engine: StaticEpisodeEngine) throws -> Trainer {
      try Self.trainer(engine, plan, isValidated: true)
    }
    let whole = try StaticEpisodeEngine(plan: plan, threads: 1)
    let expected = try trainer(whole).train()

    let first = try StaticEpisodeEngine(plan: plan, threads: threads)
    let stopping = try trainer(first)
    stopping.shouldStop = { first.step == stopAt }
    let stopped = try stopping.train()
    #expect(stopped.isStopped && stopping.position.row == 3 * stopAt)
    let checkpoint = try Plan(decoding: first.checkpoint(at: stopping.position).encoded())
    let second = try StaticEpisodeEngine(plan: checkpoint, threads: threads)
    let progress = try #require(checkpoint.progress)
    let report = try trainer(second).train(from: TrainingPosition(progress))
    #expect(second.step == 9)
    #expect(second.session.weights == whole.session.weights)
    #expect(second.session.optimizerStates == whole.session.optimizerStates)
    // The checkpoint holds what was measured before it.
    #expect(report.evaluations == expected.evaluations)
    #expect(report.best == expected.best)
  }

  /// A run that leaves the finite numbers says where, by going back.
  @Test func findsWhereNumbersBreak() throws {
    let plan = try Self.plan { $0.optimizer = Optimizer(kind: .sgd, learningRate: 1e38) }
    for engine in [try StaticEpisodeEngine(plan: plan) as any EpisodeEngine, Self.eager(plan)] {
      let error = #expect(throws: NumericError.self) {
        try Self.trainer(engine, plan).train()
      }
      #expect(error?.origin != nil, "\(String(describing: error))")
    }
  }

  /// Both modes take the same steps, by the schedule and with clipped gradients.
  @Test func modesAgree() throws {
    let plan = try Self.plan(showsChoices: true) {
      $0.schedule = LearningRateSchedule(warmup: .steps(2))
      $0.clipping = GradientClipping(norm: 0.3)
    }
    let comparison = EpisodeComparison(
      try StaticEpisodeEngine(plan: plan), Self.eager(plan), reference: Self.eager(plan),
      moved: Self.eager(plan))
    let report = try comparison.run(Source(), steps: 4)
    #expect(report.agrees(), "\(report)")
    #expect(Set(report.entries.map(\.kind)) == [.loss, .gradient, .parameter])
    #expect((report.choices?.count ?? 0) > 0)
  }
}
