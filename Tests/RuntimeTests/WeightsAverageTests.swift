import Plan
import Runtime
import Schema
import Testing

@Suite struct WeightsAverageTests {
  private struct Run {
    var report: TrainingReport
    var position: TrainingPosition
    var engine: StaticEngine
    /// What a step, and an epoch, ended with.
    var steps: [[Float]] = []
    var epochs: [[Float]] = []
    var weights: [Float] { engine.session.weights }
  }

  /// Eight steps an epoch, six epochs.
  private func run(
    _ average: WeightsAverage?, stopping: EarlyStopping? = nil, growth: Double = 1,
    stopAt: Int? = nil, from checkpoint: Plan? = nil
  ) throws -> Run {
    var plan = checkpoint ?? TrainerTests.plan(capacity: 8)
    plan.training.epochs = 6
    plan.training.schedule = LearningRateSchedule(
      shape: .exponential(factor: growth), period: .epochs(1))
    plan.training.weightsAverage = average
    plan.training.earlyStopping = stopping
    let engine = try TrainerTests.engine(plan)
    let source = TrainerTests.source(rows: 60)
    let trainer = Trainer(
      try RowSteps(
        engine, plan.training, source, order: TrainerTests.order(60),
        validation: (source, (0..<30).map { $0 })))
    var (steps, epochs): ([[Float]], [[Float]]) = ([], [])
    trainer.shouldStop = {
      steps.append(engine.session.weights)
      return engine.step == stopAt
    }
    trainer.onEpoch = { _, _ in epochs.append(engine.session.weights) }
    let report = try trainer.train(from: plan.progress.map { TrainingPosition($0) } ?? .start)
    return Run(
      report: report, position: trainer.position, engine: engine, steps: steps, epochs: epochs)
  }

  private func expect(_ found: [Float], _ wanted: [Double]) {
    #expect(found.count == wanted.count)
    for (value, expected) in zip(found, wanted) {
      #expect(abs(Double(value) - expected) < 1e-5, "\(value) \(expected)")
    }
  }

  /// Σ factor·weights over vectors, in double precision.
  private func sum(_ vectors: ArraySlice<[Float]>, _ factor: (Int) -> Double) -> [Double] {
    vectors.enumerated().reduce([Double](repeating: 0, count: vectors.first?.count ?? 0)) {
      sum, vector in
      zip(sum, vector.element).map { $0 + factor(vector.offset) * Double($1) }
    }
  }

  /// The weights of step s count dᵗ⁻ˢ(1 − d)/(1 − dᵗ), and training goes as without them.
  @Test(arguments: [0.0, 0.5, 0.99])
  func movingAveragesWeighNewStepsMore(decay: Double) throws {
    let run = try run(.exponential(decay: decay))
    let count = run.steps.count
    #expect(count == 48)
    var factors = [Double](repeating: 1, count: count)
    for k in (0..<count - 1).reversed() { factors[k] = factors[k + 1] * decay }
    let total = factors.reduce(0, +)
    expect(run.weights, sum(run.steps[...]) { factors[$0] / total })
    #expect(decay == 0 || run.weights != run.steps.last)
    #expect(try run.steps == self.run(nil).steps)
  }

  /// Of six epochs the last quarter: epochs 5 and 6; and at least the last one.
  @Test(arguments: [(0.75, 4), (0.0, 0), (0.99, 5)])
  func epochsAreAveragedFromTheirStart(start: Double, first: Int) throws {
    let run = try run(.stochastic(start: start))
    let counted = run.epochs[first...]
    expect(run.weights, sum(counted) { _ in 1 / Double(counted.count) })
  }

  @Test func validationGoesByTheAverage() throws {
    let stopping = EarlyStopping(metric: "y.rmse", maximizes: false, patience: 100)
    let run = try run(.exponential(decay: 0.9), stopping: stopping, growth: 2.5)
    let errors = try run.report.epochs.map { try #require($0.validation?["y"]?["rmse"]?.value) }
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    // The test says nothing when the last epoch is the best one.
    try #require(best < 5)
    #expect(run.report.best?.epoch == best + 1)
    // The engine holds the average of the best epoch, which gives that epoch's metric.
    let found = try Evaluator(engine: run.engine, batchSize: 8)
      .evaluate(TrainerTests.source(rows: 60), rows: (0..<30).map { $0 })
    #expect(found["y"]?["rmse"]?.value == errors[best])
    #expect(run.weights != run.epochs[best])
  }

  @Test(
    arguments: [WeightsAverage.exponential(decay: 0.9), .stochastic(start: 0.5)], [1, 11, 24, 40])
  func checkpointsKeepTheAverage(_ average: WeightsAverage, step: Int) throws {
    let stopping = EarlyStopping(metric: "y.rmse", maximizes: false, patience: 3)
    for stopping in [nil, stopping] {
      let whole = try run(average, stopping: stopping, growth: 1.5)
      let first = try run(average, stopping: stopping, growth: 1.5, stopAt: step)
      try #require(first.report.isStopped)
      #expect(first.weights == first.steps.last)
      let bytes = first.engine.checkpoint(at: first.position).encoded()
      let rest = try run(
        average, stopping: stopping, growth: 1.5, from: try PlanDecoder().decode(bytes))
      #expect(rest.weights == whole.weights)
      #expect(rest.report.best == whole.report.best)
    }
  }
}
