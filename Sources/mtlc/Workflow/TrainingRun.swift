import Data
import Foundation
import Plan
import Runtime

/// Training and the evaluation after it, the same for every command and engine.
struct TrainingRun {
  struct Outcome {
    var training: TrainingReport
    /// Of the test rows; without any, of the validation rows; without those, of the training rows.
    var evaluation: EvaluationReport
    var evaluatedOn: String
  }

  let engine: any TrainingEngine
  let settings: TrainingSettings
  let data: TrainingData
  let log: Log

  func run() throws -> Outcome {
    let trainer = Trainer(engine: engine, settings: settings)
    let meter = TrainingMeter(tasks: engine.tasks.map(\.name), settings: settings, log: log)
    trainer.onProgress = { meter.show($0) }
    trainer.onEpoch = { report, _ in meter.finish(report) }
    if let streamed = data.streamed { trainer.shouldStop = { streamed.failure != nil } }
    let report: TrainingReport
    do {
      report = try trainer.train(data.training, order: data.order, validation: data.validation)
    } catch {
      meter.clear()
      throw error
    }
    if let streamed = data.streamed {
      if let failure = streamed.failure { throw failure }
      streamed.close()
      let share = report.seconds > 0 ? streamed.secondsWaited / report.seconds : 0
      log.note("the steps waited for rows in \(Format.percent(share)) of the training time")
    }
    if let test = data.test {
      return Outcome(
        training: report, evaluation: try trainer.evaluate(test), evaluatedOn: "test")
    }
    if let validation = data.validation {
      return Outcome(
        training: report,
        evaluation: try trainer.evaluate(validation.source, rows: validation.rows),
        evaluatedOn: "validation")
    }
    return Outcome(
      training: report, evaluation: try trainer.evaluate(data.evaluated, rows: data.rows),
      evaluatedOn: "training")
  }
}
