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
    let trainer = Trainer(engine: engine, settings: plan.training)
    trainer.connect(observer, checkpoints, engine as? any SessionEngine)
    observer.receive(.trainingStarts(TrainingOutline(plan)))
    let report: TrainingReport
    do {
      defer { observer.receive(.trainingEnds) }
      report = try trainer.train(
        data.training, order: data.order, validation: data.validation, from: start)
    }
    if let streamed = data.streamed {
      streamed.close()
      let share = report.seconds > 0 ? streamed.secondsWaited / report.seconds : 0
      observer.receive(
        .note("the steps waited for rows in \(Format.percent(share)) of the training time"))
    }
    if report.isStopped {
      let (epoch, row) = (trainer.position.epoch + 1, trainer.position.row)
      throw try CheckpointFile.stopped(
        engine as? any SessionEngine, checkpoints, trainer.position,
        place: "in epoch \(epoch) after \(Format.count(row)) rows")
    }
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
}

extension TrainingLoop {
  /// Tells an observer of the run, which may stop it, and writes the checkpoints that are asked for.
  /// - Parameter engine: Whose state they hold; nil without checkpoints.
  func connect(
    _ observer: any Observer, _ checkpoints: CheckpointFile?, _ engine: (any SessionEngine)?
  ) {
    onProgress = { observer.receive(.progress($0)) }
    onEpoch = { report, position in
      observer.receive(.epoch(report))
      if let checkpoints, checkpoints.isEachEpoch, let engine {
        try checkpoints.write(engine, at: position)
      }
    }
    shouldStop = { observer.shouldStop }
  }
}
