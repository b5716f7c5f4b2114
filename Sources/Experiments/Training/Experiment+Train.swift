import Data
import Plan
import Runtime
import Schema

extension Experiment {
  /// Trains the model from the spec's seed and evaluates it. Both modes start from the same weights
  /// and see the same batches.
  ///
  /// - Parameter checkpoints: Where the static mode leaves its state when it is asked to stop.
  public func train(
    _ mode: Mode = .static, checkpoints: Checkpoints? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> Run {
    try ExperimentError.wrap {
      let best = try prepareFiles(observer)
      if case .episodes = spec.learning {
        return try trainOnEpisodes(mode, checkpoints, best, observer)
      }
      let stream = try stream(observer)
      let fitted = try stream?.sample ?? fit(observer)
      try LabelCheck.require(spec, fitted.statistics)
      let plan = try compiler.compile(TrainingFiles(fitted, spec).shape).plan
      remark(fitted, observer)
      let reading = reading(observer)
      let data =
        try stream.map {
          try TrainingData(
            plan.training, schema: plan.schema, streaming: $0.file, reading: reading)
        }
        ?? TrainingData(
          plan.training, schema: plan.schema, training: fitted.dataset, reading: reading)
      switch mode {
      case .static:
        return try Training(plan, data, threads: threads, observer).run(checkpoints, best: best)
      case .eager:
        return try Training(plan, data, threads: threads, observer)
          .run(compiler.eagerModel(fitted), best: best)
      }
    }
  }

  private func trainOnEpisodes(
    _ mode: Mode, _ checkpoints: Checkpoints?, _ best: [BestAUC], _ observer: any Observer
  ) throws -> Run {
    let files = try trainingFiles(observer)
    let plan = try compiler.compile(files.shape).plan
    let training = EpisodeTraining(
      plan: plan, data: try EpisodeData(plan, reading: reading(observer)), threads: threads,
      observer: observer)
    switch mode {
    case .static: return try training.run(files, checkpoints, best: best)
    case .eager:
      return try training.run(try compiler.eagerEngine(files.shape, plan), files, best: best)
    }
  }

  /// Encodes the training rows into a stream file, where the spec asks for that: the first rows,
  /// from which vocabularies and normalisers were learned, with what all rows showed of the columns;
  /// and the file. Throws `DataError`, `FileError`.
  private func stream(
    _ observer: any Observer
  ) throws -> (sample: FittedData, file: StreamFile)? {
    guard spec.files.stream, let folder = spec.files.cache else { return nil }
    let reading = reading(observer)
    var sample = try reading.uncached.fit(
      spec.dataDeclaration, spec.files.train, rowLimit: spec.files.fitRows)
    let file = try reading.stream(spec.files.train, sample.schema, folder)
    sample.statistics = file.statistics
    return (sample, file)
  }

  /// Tells of labels that are missing or out of order.
  private func remark(_ fitted: FittedData, _ observer: any Observer) {
    for label in fitted.statistics.labels where label.missing > 0 {
      let all = label.missing + label.present
      observer.receive(
        .note(
          "\(label.task): \(Format.count(label.missing)) of \(Format.count(all))"
            + " training rows have no label and do not count for it"))
    }
    let order = FunnelOrder(fitted.dataset, fitted.schema, steps: spec.funnelSteps)
    for contradiction in order.contradictions {
      observer.receive(.warning(contradiction.finding().message))
    }
  }
}

/// A plan with the rows to train it on.
struct Training {
  private let plan: Plan
  private let data: TrainingData
  private let threads: Int?
  private let observer: any Observer

  init(_ plan: Plan, _ data: TrainingData, threads: Int?, _ observer: any Observer) {
    self.plan = plan
    self.data = data
    self.threads = threads
    self.observer = observer
  }

  /// Trains the plan from its seed, or on from a checkpoint.
  func run(_ checkpoints: Checkpoints? = nil, best: [BestAUC] = []) throws -> Run {
    let file = checkpoints.map(CheckpointFile.init)
    var start = TrainingPosition.start
    let session: Session
    if let file, checkpoints?.resumes == true {
      let found = try file.read(for: plan)
      session = try Session(plan: found.plan, threads: threads)
      start = found.position
    } else {
      session = try Session(plan: plan, threads: threads)
      session.initialize(seed: plan.training.seed)
    }
    let engine = try StaticEngine(session)
    let outcome = try TrainingRun(
      engine: engine, plan: plan, data: data, observer: observer, checkpoints: file, start: start
    ).run()
    return Run(plan, .static, outcome, best: best) { engine.trainedPlan }
  }

  /// Trains the model op by op.
  func run(_ model: EagerModel<Float>, best: [BestAUC]) throws -> Run {
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
    let outcome = try TrainingRun(
      engine: engine, plan: plan, data: data, observer: observer
    ).run()
    return Run(plan, .eager, outcome, best: best) { [plan] in
      try plan.with(try engine.parameters())
    }
  }
}
