import Data
import Foundation
import Plan
import Runtime
import Schema

/// Meta training and the evaluation after it, the same for every command and engine.
struct MetaRun {
  struct Outcome {
    /// By step, means over intervals for reports: the step reached, loss, accuracy.
    var history: [(step: Int, loss: Double, accuracy: Double?)] = []
    var evaluations: [(step: Int, report: MetaEvaluation)] = []
    var steps = 0
    var seconds = 0.0
  }

  let engine: any MetaEngine
  let plan: Plan
  let tasks: MetaTasks
  let log: Log

  func run() throws -> Outcome {
    guard let episodes = plan.episodes else { return Outcome() }
    var outcome = Outcome()
    let clock = ContinuousClock()
    let interval = max(1, episodes.steps / 10)
    var sums = (steps: 0, loss: 0.0, accuracy: 0.0, seconds: 0.0)
    let meter = MetaMeter(steps: episodes.steps, log: log)
    while engine.step < episodes.steps {
      let first = engine.step * episodes.tasksPerStep
      let start = clock.now
      let result = try engine.train(
        tasks.training, episodes: first..<first + episodes.tasksPerStep)
      guard result.loss.isFinite else {
        throw NumericError(
          task: nil, observation: "the query loss is \(result.loss)", step: engine.step, epoch: 1,
          origin: nil)
      }
      sums.seconds += (clock.now - start).seconds
      sums.steps += 1
      sums.loss += result.loss
      sums.accuracy += result.accuracy ?? 0
      meter.show(engine.step, result)
      let isLast = engine.step == episodes.steps
      if sums.steps == interval || isLast {
        outcome.seconds += sums.seconds
        let count = Double(sums.steps)
        let entry = (
          engine.step, sums.loss / count, result.accuracy.map { _ in sums.accuracy / count }
        )
        outcome.history.append(entry)
        meter.finish(
          step: engine.step, loss: entry.1, accuracy: entry.2, seconds: sums.seconds / count)
        sums = (0, 0, 0, 0)
      }
      let isDue =
        episodes.evaluationInterval > 0 && engine.step % episodes.evaluationInterval == 0
      if isLast || isDue, let report = try evaluate() {
        outcome.evaluations.append((engine.step, report))
        meter.clear()
        if !isLast { log.note("step \(engine.step)  \(report.line)") }
      }
    }
    outcome.steps = engine.step
    return outcome
  }

  /// Nil where there are no test files.
  func evaluate() throws -> MetaEvaluation? {
    guard let test = tasks.test else { return nil }
    let outputs = try engine.evaluate(test.source, episodes: 0..<test.count)
    return try MetaEvaluation(plan, outputs, labels: tasks.testLabels)
  }
}
