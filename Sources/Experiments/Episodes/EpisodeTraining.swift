import Data
import Plan
import Runtime
import Schema

/// Training on episodes and the evaluation after it.
struct EpisodeTraining {
  let plan: Plan
  let data: EpisodeData
  let threads: Int?
  let observer: any Observer

  /// Trains the plan from its seed, or on from a checkpoint.
  /// - Parameter files: The training data, when the caller has read it.
  func run(
    _ files: TrainingFiles? = nil, _ checkpoints: Checkpoints? = nil, best: [BestAUC] = []
  ) throws -> Run {
    let file = checkpoints.map(CheckpointFile.init)
    var start = TrainingPosition.start
    var own = plan
    own.weights = nil
    if let file, checkpoints?.resumes == true { (own, start) = try file.read(for: plan) }
    let engine = try StaticEpisodeEngine(plan: own, threads: threads)
    return try run(engine, .static, files, file, start, best) { engine.trainedPlan }
  }

  /// Trains the model op by op.
  func run(_ engine: EagerEpisodeEngine, _ files: TrainingFiles, best: [BestAUC]) throws -> Run {
    try run(engine, .eager, files, nil, .start, best) { [plan] in
      try plan.with(try engine.parameters())
    }
  }

  private func run(
    _ engine: any EpisodeEngine, _ mode: Mode, _ files: TrainingFiles?,
    _ checkpoints: CheckpointFile?, _ start: TrainingPosition, _ best: [BestAUC],
    trained: @escaping () throws -> Plan
  ) throws -> Run {
    let test = try data.evaluation(plan.training.testPaths, "test rows")
    let validation = try data.evaluation(plan.training.validationPaths, "validation rows")
    let training = try data.training(files)
    let trainer = try EpisodeTrainer(engine: engine, plan: plan)
    trainer.validation =
      validation.map { .init($0, of: .validation) } ?? test.map { .init($0, of: .test) }
    trainer.connect(observer, checkpoints, engine as? any SessionEngine)
    trainer.onEvaluation = { [observer] in observer.receive(.evaluation($0)) }
    observer.receive(.trainingStarts(TrainingOutline(plan)))
    var report: TrainingReport
    do {
      defer { observer.receive(.trainingEnds) }
      report = try trainer.train(training, from: start)
    }
    if report.isStopped {
      throw try CheckpointFile.stopped(
        engine as? any SessionEngine, checkpoints, trainer.position,
        place: "after \(Format.count(engine.step)) meta steps")
    }
    if let test {
      report.evaluations.append(
        EpisodeEvaluation(
          step: engine.step, data: .test, metrics: try engine.measure(test, tasks: plan.tasks)))
    } else if let validation, report.evaluations.isEmpty {
      report.evaluations = [
        EpisodeEvaluation(
          step: engine.step, data: .validation,
          metrics: try engine.measure(validation, tasks: plan.tasks))
      ]
    }
    return Run(plan, mode, report, best: best, trained: trained)
  }
}

extension Plan {
  /// The plan with these values of its parameters.
  func with(_ parameters: [String: [Float]]) throws -> Plan {
    let session = try Session(plan: self, threads: 1)
    for (name, values) in parameters { try session.setParameter(name, values) }
    var trained = self
    trained.weights = session.weights
    return trained
  }
}

extension CompiledPlan {
  /// Adapts a trained plan to the episodes of files and scores their queries.
  /// - Throws: A plan error for a plan that was not trained or does not learn from episodes.
  public func evaluateEpisodes(
    _ files: [String], threads: Int? = nil, skipsDamagedRecords: Bool = false,
    observer: any Observer = .silent
  ) throws(ExperimentError) -> EpisodeMetrics {
    try requireTrained()
    return try ExperimentError.wrap {
      let data = try EpisodeData(
        plan, reading: RowReading(skipsDamage: skipsDamagedRecords, observer: observer))
      guard let set = try data.evaluation(files, "rows") else {
        throw ExperimentError(.argument, "there are no files to evaluate on")
      }
      return try StaticEpisodeEngine(plan: plan, threads: threads).measure(
        set, tasks: plan.tasks)
    }
  }

  /// Whether the plan learns from episodes: it evaluates with `evaluateEpisodes`.
  public var learnsFromEpisodes: Bool { plan.episodes != nil }
}
