import Data
import Foundation
import Plan
import Runtime
import Schema

/// Meta training and the evaluation after it, the same for every command and engine.
package struct MetaRun {
  package struct Outcome {
    /// By step, means over intervals for reports: the step reached, loss, accuracy.
    package var history: [(step: Int, loss: Double, accuracy: Double?)] = []
    package var evaluations: [(step: Int, report: MetaEvaluation)] = []
    package var steps = 0
    package var seconds = 0.0
  }

  let engine: any MetaEngine
  let plan: Plan
  let tasks: MetaTasks
  /// Called after each step, after each interval with its means, and after an evaluation before the
  /// last.
  package var onStep: ((_ step: Int, MetaStepResult) -> Void)?
  package var onInterval:
    ((_ step: Int, _ loss: Double, _ accuracy: Double?, _ seconds: Double) -> Void)?
  package var onEvaluation: ((_ step: Int, MetaEvaluation) -> Void)?

  package init(engine: any MetaEngine, plan: Plan, tasks: MetaTasks) {
    self.engine = engine
    self.plan = plan
    self.tasks = tasks
  }

  package func run() throws -> Outcome {
    guard let episodes = plan.episodes else { return Outcome() }
    var outcome = Outcome()
    let clock = ContinuousClock()
    let interval = max(1, episodes.steps / 10)
    var sums = (steps: 0, loss: 0.0, accuracy: 0.0, seconds: 0.0)
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
      onStep?(engine.step, result)
      let isLast = engine.step == episodes.steps
      if sums.steps == interval || isLast {
        outcome.seconds += sums.seconds
        let count = Double(sums.steps)
        let entry = (
          engine.step, sums.loss / count, result.accuracy.map { _ in sums.accuracy / count }
        )
        outcome.history.append(entry)
        onInterval?(engine.step, entry.1, entry.2, sums.seconds / count)
        sums = (0, 0, 0, 0)
      }
      let isDue =
        episodes.evaluationInterval > 0 && engine.step % episodes.evaluationInterval == 0
      if isLast || isDue, let report = try evaluate() {
        outcome.evaluations.append((engine.step, report))
        if !isLast { onEvaluation?(engine.step, report) }
      }
    }
    outcome.steps = engine.step
    return outcome
  }

  /// Nil where there are no test files.
  package func evaluate() throws -> MetaEvaluation? {
    guard let test = tasks.test else { return nil }
    let outputs = try engine.evaluate(test.source, episodes: 0..<test.count)
    return try MetaEvaluation(plan, outputs, labels: tasks.testLabels)
  }
}
