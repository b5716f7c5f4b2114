import Data
import Foundation
import Plan
import Runtime
import Schema

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
  /// Where to leave off when asked to stop, and the place to start from.
  var checkpoint: CheckpointFile?
  var start = TrainingPosition.start

  func run() throws -> Outcome {
    let trainer = Trainer(engine: engine, settings: settings)
    let meter = TrainingMeter(tasks: engine.tasks.map(\.name), settings: settings, log: log)
    trainer.onProgress = { meter.show($0) }
    trainer.onEpoch = { [engine, checkpoint] report, position in
      meter.finish(report)
      if let checkpoint, checkpoint.isEachEpoch, let engine = engine as? StaticEngine {
        try checkpoint.write(engine, at: position)
      }
    }
    if checkpoint != nil { StopSignal.listen() }
    trainer.shouldStop = { [streamed = data.streamed] in
      StopSignal.wasReceived || streamed?.failure != nil
    }
    let report: TrainingReport
    do {
      report = try trainer.train(
        data.training, order: data.order, validation: data.validation, from: start)
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
    if report.isStopped { throw try stopped(report.position) }
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

  /// Leaves a checkpoint and says so.
  private func stopped(_ position: TrainingPosition) throws -> ToolError {
    guard let checkpoint, let engine = engine as? StaticEngine else {
      return ToolError(.interrupted, "stopped")
    }
    try checkpoint.write(engine, at: position)
    return ToolError(
      .interrupted,
      "stopped in epoch \(position.epoch + 1) after \(Format.count(position.row)) rows;"
        + " \(checkpoint.path) holds the state",
      hint: "--resume goes on from there")
  }
}
