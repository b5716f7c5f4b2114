import Foundation
import Plan
import Runtime
import Schema
import Testing

@Suite struct ScheduleTests {
  private func factors(_ schedule: LearningRateSchedule, steps: Int, perEpoch: Int = 4) -> [Double]
  {
    (0..<steps).map { schedule.factor(step: $0, stepsPerEpoch: perEpoch, epochs: 3) }
  }

  private func expect(
    _ found: [Double], _ expected: [Double], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (x, y) in zip(found, expected) {
      #expect(abs(x - y) < 1e-12, "\(found)", sourceLocation: location)
    }
  }

  @Test func constant() {
    expect(factors(LearningRateSchedule(), steps: 3), [1, 1, 1])
    expect(
      factors(LearningRateSchedule(warmup: .steps(4)), steps: 6), [0.25, 0.5, 0.75, 1, 1, 1])
    expect(
      factors(LearningRateSchedule(warmup: .epochs(0.5)), steps: 4), [0.5, 1, 1, 1])
  }

  @Test func step() {
    let schedule = LearningRateSchedule(shape: .step(factor: 0.5), period: .steps(2))
    expect(factors(schedule, steps: 7), [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
    let epochs = LearningRateSchedule(
      shape: .step(factor: 0.1), period: .epochs(1), warmup: .steps(2))
    expect(factors(epochs, steps: 11), [0.5, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01])
  }

  @Test func exponential() {
    let schedule = LearningRateSchedule(shape: .exponential(factor: 0.25), period: .steps(2))
    expect(factors(schedule, steps: 4), [1, 0.5, 0.25, 0.125])
  }

  @Test func cosine() {
    // The rest of 3 epochs of 4 steps behind 4 steps of warm-up: a period of 8.
    let schedule = LearningRateSchedule(
      shape: .cosine(final: 0.2), period: .rest, warmup: .epochs(1))
    let found = factors(schedule, steps: 14)
    expect(Array(found[..<5]), [0.25, 0.5, 0.75, 1, 1])
    expect([found[8], found[12], found[13]], [0.6, 0.2, 0.2])
    #expect(abs(found[6] - (0.2 + 0.4 * (1 + 0.5.squareRoot()))) < 1e-12)
  }

  /// The trainer's steps are those of a session whose rate is set by hand.
  @Test func theTrainerFollowsIt() throws {
    let source = TrainerTests.source(rows: 20)
    var plan = TrainerTests.plan(capacity: 8)
    plan.training.schedule = LearningRateSchedule(
      shape: .exponential(factor: 0.5), period: .steps(2), warmup: .steps(2))
    let engine = try TrainerTests.engine(plan)
    let report = try TrainerTests.trainer(engine, source, rows: 20).train()
    let rates = report.epochs.map(\.learningRate)
    expect(rates, [1, 0.5 * 0.5.squareRoot(), 0.125].map { 0.1 * $0 })

    let other = try TrainerTests.engine(plan)
    let blocks = try other.destinations(for: source.feeds, .train)
    var done = 0
    for epoch in 0..<3 {
      let rows = TrainerTests.order(20)(epoch).rows
      for batch in [0..<8, 8..<16, 16..<20] {
        rows[batch].withUnsafeBufferPointer { source.copyRows($0, into: blocks) }
        other.session.learningRate =
          done < 2 ? 0.1 * Double(done + 1) / 2 : 0.1 * pow(0.5, Double(done - 2) / 2)
        try other.train(rows: batch.count)
        done += 1
      }
    }
    #expect(engine.session.weights == other.session.weights)
  }

  @Test func resumingGoesOnWithTheSameRates() throws {
    let source = TrainerTests.source(rows: 50)
    var plan = TrainerTests.plan(capacity: 8)
    plan.training.schedule = LearningRateSchedule(
      shape: .cosine(final: 0), period: .rest, warmup: .epochs(0.5))
    let whole = try TrainerTests.engine(plan)
    _ = try TrainerTests.trainer(whole, source, rows: 50).train()
    let first = try TrainerTests.engine(plan)
    let trainer = try TrainerTests.trainer(first, source, rows: 50)
    trainer.shouldStop = { first.step == 9 }
    #expect(try trainer.train().isStopped)
    let second = try TrainerTests.engine(first.checkpoint(at: trainer.position))
    _ = try TrainerTests.trainer(second, source, rows: 50).train(from: trainer.position)
    #expect(second.session.weights == whole.session.weights)
  }
}
