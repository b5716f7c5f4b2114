import Data
import Plan
import Runtime
import Schema

/// Training and the evaluation after it, the same for rows and episodes and for every engine.
struct TrainingRun {
  let plan: Plan
  let threads: Int?
  let observer: any Observer
  /// Where to leave off when asked to stop.
  var checkpoints: Checkpoints?
  /// The best possible AUC of the test rows where it is known.
  var best: [BestAUC] = []
  /// What the data gave away, and showed of its columns, while it was read.
  var findings: [Finding] = []
  var profile: DataStatistics?
  /// What to look at between epochs.
  var diagnoses: Diagnoses = []
  var diagnosis: TrainingDiagnosis?
  /// Those that train with this process. The first alone writes.
  var workers: Workers?
  /// Whether these share tables, of which each has a part of the rows.
  var spreadsTables = false

  // MARK: The compiled mode

  /// Trains the plan from its seed, or on from a checkpoint.
  mutating func run(_ data: TrainingData) throws -> Run {
    if let checkpoints, workers?.isFirst ?? true { try DiskCheck.require(plan, checkpoints) }
    if spreadsTables, let workers { return try run(data, spreadOver: workers) }
    let (own, start) = try origin()
    diagnosis = try TrainingDiagnosis(plan, data, diagnoses, after: start.report.conflicts)
    let session = try Session(plan: own, threads: threads)
    if own.weights == nil { session.initialize(seed: plan.training.seed) }
    let engine = try StaticEngine(session, transport: workers?.transport)
    if let workers {
      try workers.agree(.success(TrainingOffer(plan, start: own, data)))
      try engine.shareMemory()
    }
    return try run(engine, .static, data, from: start) { engine.trainedPlan }
  }

  /// The same in a process that has a part of the rows of tables.
  private mutating func run(_ data: TrainingData, spreadOver workers: Workers) throws -> Run {
    let shards = try ShardedTraining.shards(plan, workers)
    let found =
      try checkpoints.flatMap { $0.resumes ? try CheckpointFile($0).readParts(for: plan) : nil }
    var start = found?.position ?? .start
    diagnosis = try TrainingDiagnosis(plan, data, diagnoses, after: start.report.conflicts)
    let session = try Session(shards, threads: threads)
    let engine = try StaticEngine(session, transport: workers.transport)
    if let found, let progress = found.plan.progress {
      start = try engine.resume(at: start, step: progress.step, found.parts.read)
    } else {
      session.initialize(seed: plan.training.seed)
    }
    // Whatever file the first process writes takes the parts of all.
    let files = "\(checkpoints != nil) \(checkpoints?.isEachEpoch == true)"
    try workers.agree(
      .success(
        TrainingOffer(
          plan, start: found?.plan ?? plan, blocks: found?.parts.blocks.checksum ?? 0, data,
          options: files)))
    var run = try run(engine, .static, data, from: start) { throw ShardedTraining.noWholePlan }
    run.writeShared = { try engine.writeShards(to: $0) }
    return run
  }

  /// The same on episodes.
  /// - Parameter files: The training data, when the caller has read it.
  func run(_ data: EpisodeData, _ files: TrainingFiles? = nil) throws -> Run {
    let (own, start) = try origin()
    let engine = try StaticEpisodeEngine(plan: own, threads: threads)
    return try run(engine, .static, data, files, from: start) { engine.trainedPlan }
  }

  /// The plan to begin with, with weights where the run goes on.
  private func origin() throws -> (plan: Plan, position: TrainingPosition) {
    if let checkpoints, checkpoints.resumes {
      return try CheckpointFile(checkpoints).read(for: plan)
    }
    var own = plan
    (own.weights, own.progress) = (nil, nil)
    guard own.initial?.areKept ?? true else {
      let names = (own.initial?.rows ?? []).prefix(3).map(\.parameter).joined(separator: ", ")
      throw ExperimentError(
        .plan,
        "the plan was trained from given values of \(names), which it no longer holds",
        hint: "mtlc compile makes one to train; this one predicts and evaluates")
    }
    return (own, .start)
  }

  // MARK: The eager mode

  /// Trains the model op by op.
  func run(_ model: EagerModel<Float>, _ data: TrainingData) throws -> Run {
    let engine = EagerTrainingEngine(
      model: model, tasks: plan.tasks, trainCapacity: plan.training.batchSize,
      predictCapacity: plan.training.evaluationBatchSize)
    // Running the model once declares its parameters, so that there is a state to come back to when
    // something goes wrong in the first steps.
    let destinations = try engine.destinations(for: data.training.feeds, .predict)
    try data.rows.prefix(1).withContiguousStorageIfAvailable {
      try data.training.copyRows($0, into: destinations)
    }
    try engine.predict(rows: 1)
    return try run(engine, .eager, data, from: .start) { try engine.trainedPlan(of: plan) }
  }

  /// The same on episodes.
  func run(
    _ engine: EagerEpisodeEngine<Float>, _ data: EpisodeData, _ files: TrainingFiles
  ) throws -> Run {
    try run(engine, .eager, data, files, from: .start) { try engine.trainedPlan(of: plan) }
  }

  // MARK: Any engine

  private func run(
    _ engine: any TrainingEngine, _ mode: Mode, _ data: TrainingData, from start: TrainingPosition,
    trained: @escaping () throws -> Plan
  ) throws -> Run {
    let steps = try RowSteps(
      engine, plan.training, data.training, order: data.order, validation: data.validation)
    if let cut = data.cutGroups { observer.receive(.warning(cut)) }
    let untrained = UntrainedRows(plan, reading: data.forEachIds)
    steps.untrainedRows = untrained
    var report = try train(steps, data.streamed, from: start)
    if let diagnosis, let engine = engine as? StaticEngine {
      let epoch = report.best?.epoch ?? report.epochs.last?.epoch ?? 0
      if let moment = try diagnosis.look(engine, epoch: epoch) {
        observer.receive(.moment(moment))
      }
      report.conflicts = diagnosis.conflicts
    }
    try untrained.fill(engine)
    let (source, rows, set): (any BatchSource, [Int32]?, RowSet) =
      if let test = data.test {
        (test.dataset, nil, .test)
      } else if let heldOut = data.heldOut {
        (data.training, heldOut, .test)
      } else if let validation = data.validation {
        (validation.source, validation.rows, .validation)
      } else {
        (data.evaluated, data.rows, .training)
      }
    let metrics = try Evaluator(engine: engine, batchSize: plan.training.evaluationBatchSize)
      .evaluate(source, rows: rows)
    return Run(
      plan, mode, report, metrics, on: set, (source, rows), best: best, unread: untrained.unread,
      findings: findings, profile: profile, trained: trained)
  }

  private func run(
    _ engine: any EpisodeEngine, _ mode: Mode, _ data: EpisodeData, _ files: TrainingFiles?,
    from start: TrainingPosition, trained: @escaping () throws -> Plan
  ) throws -> Run {
    let test = try data.evaluation(plan.training.testPaths, "test rows").map {
      (source: $0, set: RowSet.test)
    }
    let validation = try data.evaluation(plan.training.validationPaths, "validation rows").map {
      (source: $0, set: RowSet.validation)
    }
    let steps = try EpisodeSteps(
      engine, plan, try data.training(files), validation: validation ?? test)
    var report = try train(steps, from: start)
    if let last = test ?? (report.evaluations.isEmpty ? validation : nil) {
      report.evaluations.append(try engine.evaluation(last, tasks: plan.tasks))
    }
    let last = report.evaluations.last
    return Run(
      plan, mode, report, last?.report ?? EvaluationReport(rows: 0, seconds: 0, tasks: []),
      on: last?.set ?? .test, best: best, trained: trained)
  }

  /// A place in the run with what was seen on the way to it.
  private func complete(_ position: TrainingPosition) -> TrainingPosition {
    guard let diagnosis else { return position }
    var position = position
    position.report.conflicts = diagnosis.conflicts
    return position
  }

  /// - Parameter streamed: The rows where they are streamed.
  private func train(
    _ steps: any TrainingSteps, _ streamed: StreamedRows? = nil, from start: TrainingPosition
  ) throws -> TrainingReport {
    let trainer = Trainer(steps)
    trainer.schema = plan.schema
    let file = checkpoints.map(CheckpointFile.init)
    let engine = steps.engine as? any SessionEngine
    // The first process writes; where tables are spread, the others give it their parts.
    let writes = spreadsTables || workers?.isFirst ?? true
    trainer.onProgress = { observer.receive(.progress($0)) }
    trainer.onEpoch = { report, position in
      observer.receive(.epoch(report))
      // Not in the middle of an epoch in which the run was stopped.
      if let diagnosis, let engine = engine as? StaticEngine, position.sums == nil,
        let moment = try diagnosis.look(engine, after: position.report.epochs)
      {
        observer.receive(.moment(moment))
      }
      if let file, file.isEachEpoch, writes, let engine {
        try file.write(engine, at: complete(position))
      }
    }
    trainer.onEvaluation = { observer.receive(.evaluation($0)) }
    if workers != nil, let shared = engine as? StaticEngine, !shared.isAlone {
      shared.askToStop { observer.shouldStop }
      trainer.shouldStop = { shared.isStopAgreed }
    } else {
      trainer.shouldStop = { observer.shouldStop }
    }
    observer.receive(.trainingStarts(CompiledPlan(plan)))
    let report: TrainingReport
    do {
      defer { observer.receive(.trainingEnds) }
      report = try trainer.train(from: start)
    }
    if let streamed {
      streamed.close()
      let share = report.seconds > 0 ? streamed.secondsWaited / report.seconds : 0
      observer.receive(
        .note("the steps waited for rows in \(Format.percent(share)) of the training time"))
    }
    let last = plan.episodes?.steps ?? plan.training.epochs
    if let ending = report.ending(plan.training.earlyStopping, last: last) {
      observer.receive(ending)
    }
    guard report.isStopped else { return report }
    let position = complete(trainer.position)
    throw try CheckpointFile.stopped(
      engine, file, position, writes: writes,
      place: plan.episodes == nil
        ? "in epoch \(position.epoch + 1) after \(Format.count(position.row)) rows"
        : "after \(Format.count(steps.engine.step)) meta steps")
  }
}
