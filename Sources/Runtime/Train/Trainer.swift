import Plan
import Schema

/// The loop of every training run, whatever its steps learn from: the learning rate of each step, the
/// look for losses that are not finite, reports, evaluations, early stopping and progress.
package final class Trainer {
  let steps: any TrainingSteps
  private var settings: TrainingSettings { steps.settings }
  /// Called a few times a second and with each report.
  package var onProgress: ((TrainingStatus) -> Void)?
  /// Called with each report (after each epoch of rows, each tenth of the steps on episodes) and the
  /// place reached; may throw to end training.
  package var onEpoch: ((EpochReport, TrainingPosition) throws -> Void)?
  /// Called with each evaluation on episodes.
  package var onEvaluation: ((Evaluation) -> Void)?
  /// Names the columns of the feeds in errors.
  package var schema: DataSchema?
  /// Looked at after every step; true ends training there.
  package var shouldStop: (() -> Bool)?

  /// Where the run stands, or stopped.
  package private(set) var position = TrainingPosition.start

  private static let progressNanoseconds: UInt64 = 100_000_000
  private static let snapshotNanoseconds: UInt64 = 5_000_000_000

  package init(_ steps: any TrainingSteps) { self.steps = steps }

  /// Takes the steps from `position` to the end of the last epoch. Goes on bit for bit as a run that
  /// never stopped when the engine's state is the one that it had there.
  ///
  /// Unless `shouldStop` ended the run, the engine has the averaged parameters afterwards where they are
  /// averaged, and with early stopping those of the best epoch.
  /// - Throws: `NumericError`, `EarlyStoppingError`, and what the steps throw.
  package func train(from position: TrainingPosition = .start) throws -> TrainingReport {
    let (engine, epochs) = (steps.engine, steps.epochs)
    var watch = try settings.earlyStopping.map {
      try $0.requireMetric(of: try steps.watchedMetrics)
      return EarlyStoppingWatch($0, from: position.watch)
    }
    var average = settings.weightsAverage.map { AveragedWeights($0, from: position.average) }
    var cursor = steps.cursor(from: position)
    var report = position.report
    report.isStopped = false
    if let sums = position.sums { steps.sums = sums }
    self.position = position
    var recovery = Recovery(engine, cursor)
    var trained = (rows: 0, nanoseconds: UInt64(0))
    // Of the steps since the last report but for those of the stretch that runs.
    var spent = UInt64(steps.sums.seconds * 1e9)
    while !cursor.isDone, !report.isStopped, !(watch?.isPatienceSpent ?? false) {
      let start = Platform.nanoseconds()
      var shown = start
      var now = start
      func status() -> TrainingStatus {
        let means = steps.means
        let seconds = Double(max(1, trained.nanoseconds + spent + now - start)) / 1e9
        let rate = Double(trained.rows + means.rows) / seconds
        let left = cursor.count * (epochs - cursor.position.epoch) - cursor.position.row
        return TrainingStatus(
          epoch: cursor.position.epoch + 1, epochs: epochs, rows: cursor.position.row,
          rowsInEpoch: cursor.count, step: engine.step, rowsPerSecond: rate,
          loss: means.loss, taskLosses: means.tasks,
          secondsLeft: rate > 0 ? Double(left) / rate : 0)
      }
      var isDue = (report: false, evaluation: false)
      while let batch = try cursor.next() {
        try steps.load(batch, of: cursor)
        setLearningRate(cursor)
        try steps.train()
        guard steps.loss.value.isFinite else {
          throw diagnose(recovery, until: engine.step, cursor.position)
        }
        steps.addLosses()
        average?.countStep(engine)
        now = Platform.nanoseconds()
        if now - shown > Self.progressNanoseconds {
          shown = now
          onProgress?(status())
          if now - recovery.time > Self.snapshotNanoseconds { recovery = Recovery(engine, cursor) }
        }
        isDue = (
          steps.isReportDue(engine.step), steps.isEvaluationDue(engine.step, isEndOfEpoch: false)
        )
        if let shouldStop, shouldStop() { report.isStopped = true }
        if report.isStopped || isDue.report || isDue.evaluation { break }
      }
      now = Platform.nanoseconds()
      if try engine.nonFiniteParameter() != nil {
        throw diagnose(recovery, until: engine.step, cursor.position)
      }
      let isComplete = cursor.position.row >= cursor.count
      let isReported = isComplete || report.isStopped || isDue.report
      var epoch: EpochReport?
      if isReported {
        onProgress?(status())
        let means = steps.means
        trained = (trained.rows + means.rows, trained.nanoseconds + spent + now - start)
        epoch = EpochReport(
          epoch: cursor.position.epoch + 1, step: engine.step, rows: means.rows,
          seconds: Double(spent + now - start) / 1e9, loss: means.loss, taskLosses: means.tasks,
          taskWeights: means.weights, accuracy: means.accuracy, learningRate: engine.learningRate)
      }
      spent += now - start
      // A stop in between is told, but it is no part of the run's history.
      let isPartial = !isComplete && !isDue.report
      if !isPartial {
        steps.sums = LossSums(taskCount: steps.sums.tasks.count)
        spent = 0
      }
      if isComplete {
        try steps.endEpoch(rows: cursor.count)
        average?.countEpoch(cursor.position.epoch, of: epochs, engine)
        cursor.nextEpoch()
      }
      var evaluation: Evaluation?
      if isComplete ? steps.isEvaluationDue(engine.step, isEndOfEpoch: true) : isDue.evaluation {
        let last = try average?.replaceWeights(of: engine)
        let found = try steps.evaluate()
        evaluation = found
        if found.report.episodes == nil {
          epoch?.validation = found.report
        } else {
          report.evaluations.append(found)
        }
        try watch?.look(
          found.report, at: found.report.episodes == nil ? epoch?.epoch ?? 0 : engine.step, engine)
        if let last { try engine.restoreParameters(last) }
      }
      self.position = cursor.position
      self.position.watch = watch?.state
      self.position.average = average?.state
      self.position.report = report
      if isPartial {
        self.position.sums = steps.sums
        self.position.sums?.seconds = Double(spent) / 1e9
      }
      if let epoch {
        report.epochs.append(epoch)
        if !isPartial { self.position.report = report }
        try onEpoch?(epoch, self.position)
      }
      if let evaluation, evaluation.report.episodes != nil { onEvaluation?(evaluation) }
    }
    if !report.isStopped {
      _ = try average?.replaceWeights(of: engine)
      try watch?.restore(engine)
      report.best = watch?.best
    }
    return report
  }

  /// Sets the rate of the engine's next step.
  func setLearningRate(_ cursor: BatchCursor) {
    steps.engine.learningRate = settings.learningRate(
      step: steps.engine.step, stepsPerEpoch: cursor.stepsInEpoch, epochs: steps.epochs)
  }
}
