import Data
import Plan
import Runtime
import Schema

/// Training and the evaluation after it, the same for every engine.
struct TrainingRun {
  let engine: any TrainingEngine
  let plan: Plan
  let data: TrainingData
  let observer: any Observer
  /// Where to leave off when asked to stop.
  var checkpoints: CheckpointFile?
  var start = TrainingPosition.start

  struct Outcome {
    var training: TrainingReport
    var evaluation: EvaluationReport
    var evaluatedOn: RowSet
  }

  func run() throws -> Outcome {
    let settings = plan.training
    let trainer = Trainer(engine: engine, settings: settings)
    trainer.onProgress = { [observer] in observer.receive(.progress($0)) }
    trainer.onEpoch = { [engine, observer, checkpoints] report, position in
      observer.receive(.epoch(report))
      if let checkpoints, checkpoints.isEachEpoch, let engine = engine as? StaticEngine {
        try checkpoints.write(engine, at: position)
      }
    }
    trainer.shouldStop = { [observer, streamed = data.streamed] in
      observer.shouldStop || streamed?.failure != nil
    }
    observer.receive(
      .trainingStarts(
        TrainingOutline(
          tasks: engine.tasks.map(\.name), epochs: settings.epochs,
          hasSchedule: !settings.schedule.isConstant,
          weighsTasks: settings.taskWeighting != .fixed)))
    let report: TrainingReport
    do {
      defer { observer.receive(.trainingEnds) }
      report = try trainer.train(
        data.training, order: data.order, validation: data.validation, from: start)
    }
    if let streamed = data.streamed {
      if let failure = streamed.failure { throw failure }
      streamed.close()
      let share = report.seconds > 0 ? streamed.secondsWaited / report.seconds : 0
      observer.receive(
        .note("the steps waited for rows in \(Format.percent(share)) of the training time"))
    }
    if report.isStopped { throw try stopped(report.position) }
    if let test = data.test {
      return Outcome(
        training: report, evaluation: try trainer.evaluate(test), evaluatedOn: .test)
    }
    if let validation = data.validation {
      return Outcome(
        training: report,
        evaluation: try trainer.evaluate(validation.source, rows: validation.rows),
        evaluatedOn: .validation)
    }
    return Outcome(
      training: report, evaluation: try trainer.evaluate(data.evaluated, rows: data.rows),
      evaluatedOn: .training)
  }

  /// Leaves a checkpoint and says so.
  private func stopped(_ position: TrainingPosition) throws -> ExperimentError {
    guard let checkpoints, let engine = engine as? StaticEngine else {
      return ExperimentError(.interrupted, "stopped")
    }
    try checkpoints.write(engine, at: position)
    return ExperimentError(
      .interrupted,
      "stopped in epoch \(position.epoch + 1) after \(Format.count(position.row)) rows;"
        + " \(checkpoints.path) holds the state",
      hint: "--resume goes on from there")
  }
}
