import Plan
import Runtime
import Schema
import Testing

@Suite struct EarlyStoppingTests {
  private struct Run {
    var report: TrainingReport
    var position: TrainingPosition
    var engine: StaticEngine
    /// The parameters after each epoch.
    var weights: [[Float]]
  }

  private func run(
    _ stopping: EarlyStopping?, learningRate: Double, growth: Double = 1, stopAt: Int? = nil,
    from checkpoint: Plan? = nil
  ) throws -> Run {
    var plan = checkpoint ?? TrainerTests.plan(capacity: 8, learningRate: learningRate)
    plan.training.epochs = 12
    plan.training.schedule = LearningRateSchedule(
      shape: .exponential(factor: growth), period: .epochs(1))
    plan.training.earlyStopping = stopping
    let engine = try TrainerTests.engine(plan)
    let source = TrainerTests.source(rows: 60)
    let trainer = Trainer(
      try RowSteps(
        engine, plan.training, source, order: TrainerTests.order(60),
        validation: (source, (0..<30).map { $0 })))
    var weights: [[Float]] = []
    if let stopAt { trainer.shouldStop = { engine.step == stopAt } }
    let start = plan.progress.map { TrainingPosition($0) } ?? .start
    trainer.onEpoch = { _, _ in weights.append(engine.session.weights) }
    let report = try trainer.train(from: start)
    return Run(report: report, position: trainer.position, engine: engine, weights: weights)
  }

  private func errors(_ run: Run) throws -> [Double] {
    try run.report.epochs.map { try #require($0.validation?["y"]?["rmse"]?.value) }
  }

  /// The rate grows until the error does.
  @Test func keepsTheBestAlsoWhenPatienceDoesNotFire() throws {
    let stopping = EarlyStopping(metric: "y.rmse", maximizes: false, patience: 100)
    let run = try run(stopping, learningRate: 0.1, growth: 2)
    let errors = try errors(run)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    // The test says nothing when the last epoch is the best one.
    try #require(best < 11)
    #expect(run.report.epochs.count == 12)
    #expect(run.report.best?.epoch == best + 1)
    #expect(run.report.best?.metric == "y.rmse")
    #expect(run.report.best?.value == errors[best])
    #expect(run.engine.session.weights == run.weights[best])
    #expect(run.engine.session.weights != run.weights[11])
    let free = try self.run(nil, learningRate: 0.1, growth: 2)
    #expect(free.report.best == nil)
    #expect(free.engine.session.weights == free.weights[11])
  }

  @Test func endsWhenPatienceIsUsedUp() throws {
    // Larger is better for this metric here, so the falling error never improves on the first.
    let stopping = EarlyStopping(metric: "rmse", maximizes: true, patience: 3)
    let run = try run(stopping, learningRate: 0.02)
    #expect(run.report.epochs.count == 4)
    #expect(!run.report.isStopped)
    #expect(run.report.best?.epoch == 1)
    #expect(run.engine.session.weights == run.weights[0])
  }

  @Test func smallImprovementsDoNotRenewPatience() throws {
    let stopping = EarlyStopping(metric: "rmse", maximizes: false, patience: 2, minDelta: 1e6)
    let run = try run(stopping, learningRate: 0.02)
    // The error falls in every epoch, but never by that much; the best is kept all the same.
    #expect(run.report.epochs.count == 3)
    #expect(run.report.best?.epoch == 3)
  }

  /// What it has seen survives in a checkpoint: the run that goes on ends at the same epoch with the
  /// weights of the same best one.
  @Test(arguments: [1, 4, 20, 33])
  func goesOnFromACheckpoint(step: Int) throws {
    let stopping = EarlyStopping(metric: "y.rmse", maximizes: false, patience: 3)
    let whole = try run(stopping, learningRate: 0.1, growth: 2)
    let best = try #require(whole.report.best)
    let first = try run(stopping, learningRate: 0.1, growth: 2, stopAt: step)
    try #require(first.report.isStopped)
    let bytes = first.engine.checkpoint(at: first.position).encoded()
    let rest = try run(
      stopping, learningRate: 0.1, growth: 2, from: try PlanDecoder().decode(bytes))
    #expect(rest.report.best == best)
    #expect(rest.position.epoch == whole.position.epoch)
    #expect(rest.engine.session.weights == whole.engine.session.weights)
    // A run whose patience was spent stays as it is.
    let again = try run(
      stopping, learningRate: 0.1, growth: 2,
      from: whole.engine.checkpoint(at: whole.position))
    #expect(again.report.epochs == whole.report.epochs)
    #expect(again.engine.session.weights == whole.engine.session.weights)
  }

  @Test func metricsThatAreNotThereAreErrors() throws {
    let stopping = EarlyStopping(metric: "y.auc", maximizes: true)
    let error = #expect(throws: EarlyStoppingError.self) {
      _ = try run(stopping, learningRate: 0.1)
    }
    #expect(error?.description.contains("y.rmse") == true)
    var plan = TrainerTests.plan(capacity: 8)
    plan.training.earlyStopping = EarlyStopping(metric: "rmse", maximizes: false)
    let steps = try RowSteps(
      TrainerTests.engine(plan), plan.training, TrainerTests.source(rows: 20),
      order: TrainerTests.order(20))
    #expect(throws: EarlyStoppingError.noValidation) { _ = try Trainer(steps).train() }
  }
}
