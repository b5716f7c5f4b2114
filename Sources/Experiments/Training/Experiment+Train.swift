import Data
import Plan
import Runtime
import Schema

extension Experiment {
  /// Trains the model from the spec's seed and evaluates it. Both modes start from the same weights
  /// and see the same batches.
  ///
  /// - Parameters:
  ///   - checkpoints: Where the static mode leaves its state when it is asked to stop.
  ///   - diagnoses: What the static mode looks at between epochs.
  public func train(
    _ mode: Mode = .static, checkpoints: Checkpoints? = nil, diagnoses: Diagnoses = [],
    observer: any Observer = .silent
  ) throws(ExperimentError) -> Run {
    try ExperimentError.wrap {
      if let workers { try requireShares(workers, mode) }
      try requireShards()
      let best = try prepareFiles(observer)
      let stream = try stream(observer)
      let files = try stream.map { TrainingFiles($0.sample, $0.sources) } ?? trainingFiles(observer)
      let plan = try compiler.compile(files).plan
      if let earlier = files.sources.earlier, let initial = plan.initial {
        observer.receive(.note(earlier.note(initial, of: plan)))
      }
      let reading = reading(observer)
      var run = TrainingRun(
        plan: plan, threads: threads, observer: observer, checkpoints: checkpoints, best: best)
      guard let rows = files.rows, plan.episodes == nil else {
        let data = try EpisodeData(plan, reading: reading)
        switch mode {
        case .static: return try run.run(data, files)
        case .eager: return try run.run(compiler.eagerEngine(files.shape, plan), data, files)
        }
      }
      // Messages name files as the spec does, and not by the absolute paths of the plan.
      var settings = plan.training
      (settings.validationPaths, settings.testPaths) = (spec.files.validation, spec.files.test)
      let data = try TrainingData(
        settings, schema: plan.schema, training: rows.dataset, streaming: stream?.file,
        reading: reading)
      run.findings =
        files.sources.findings + findings(rows, data.test, isSample: stream != nil)
      run.profile = rows.statistics
      run.diagnoses = diagnoses
      run.workers = workers
      run.spreadsTables = shardCount > 1
      remark(rows, run.findings, observer)
      switch mode {
      case .static: return try run.run(data)
      case .eager: return try run.run(compiler.eagerModel(rows, plan.initial), data)
      }
    }
  }

  /// Encodes the training rows into a stream file, where the spec asks for that: the first rows,
  /// from which vocabularies and normalisers were learned, with what all rows showed of the columns;
  /// what parameters begin with; and the file. Throws `DataError`, `FileError`.
  private func stream(
    _ observer: any Observer
  ) throws -> (sample: FittedData, sources: ParameterSources, file: StreamFile)? {
    guard spec.files.stream, let folder = spec.files.cache else { return nil }
    let reading = reading(observer)
    var sample = try reading.uncached.fit(
      spec.dataDeclaration, spec.files.train, rowLimit: spec.files.fitRows)
    let initial = try warmStart()
    if let initial { sample.schema = try initial.extending(sample.schema) }
    let file = try reading.stream(spec.files.train, sample.schema, folder)
    sample.statistics = file.statistics
    try LabelCheck.require(spec, sample.statistics)
    return (sample, try parameterSources(sample.schema, initial, observer), file)
  }

  /// What `check` would find, as far as the rows that were read tell it, in a time that is short beside
  /// that of training.
  private func findings(
    _ fitted: FittedData, _ test: (dataset: Dataset, statistics: DataStatistics)?, isSample: Bool
  ) -> [Finding] {
    let test = test.map { known in
      var test = known
      if !isSample {
        UnseenIds.count(
          in: &test.statistics, rows: test.dataset, training: fitted, features: spec.features)
      }
      return test
    }
    let features = max(1, fitted.schema.features.count)
    return DataFindings(spec: spec, training: fitted, test: test)
      .all(mostRows: max(2000, min(20_000, 1_000_000 / features)))
  }

  /// Tells of labels that are missing and of findings.
  private func remark(
    _ fitted: FittedData, _ findings: [Finding], _ observer: any Observer
  ) {
    for label in fitted.statistics.labels where label.missing > 0 {
      let all = label.missing + label.present
      observer.receive(
        .note(
          "\(label.task): \(Format.count(label.missing)) of \(Format.count(all))"
            + " training rows have no label and do not count for it"))
    }
    for finding in findings { observer.receive(.warning(finding.message)) }
  }
}
