import Data
import Plan
import Schema

extension Experiment {
  /// Cuts the training rows into folds, and predicts each by a model that is trained on the others as
  /// `train` would be. Validation rows are those that the spec says, of the rows that are trained on; test
  /// rows are not read.
  ///
  /// Rows are read and encoded once: vocabularies, normalisers and boundaries of buckets, which look at no
  /// label, are learned from all training rows. What is learned from labels is learned anew for each fold.
  /// The result depends on the spec's seed, and not on the number of threads.
  public func crossValidate(
    _ rule: FoldRule, observer: any Observer = .silent
  ) throws(ExperimentError) -> CrossValidation {
    try ExperimentError.wrap {
      try requireFolds(rule)
      try requireSharedRows("cross-validate")
      let files = try trainingFiles(observer)
      guard let fitted = files.rows else { throw DataError("there are no training rows") }
      if files.sources.earlier != nil {
        observer.receive(
          .warning(
            "the plan in training.initialize_from may have been trained on rows that are held out here"
          ))
      }
      let settings = spec.training
      let folds = try Folds(rule, spec, fitted.dataset, seed: settings.seed).folds
      let validation = try validationRows(fitted.schema, observer)
      let runs = try folds.enumerated().map { number, fold in
        try prepare(fold, number + 1, fitted, files.sources, validation)
      }
      return CrossValidation(
        name: spec.name, seed: settings.seed, rule: rule, folds: try train(runs, observer))
    }
  }

  /// Refuses folds that no rows could be cut into.
  func requireFolds(_ rule: FoldRule) throws {
    try rule.require()
    guard !skipsDamagedRecords || rule.groupColumn == nil && rule.timeColumn == nil else {
      throw ExperimentError(
        .argument, "damaged records cannot be skipped where a column groups or orders the rows",
        hint: "mend them, or leave the column away")
    }
  }

  /// Refuses specs whose rows cannot be shared by several training runs.
  func requireSharedRows(_ command: String) throws {
    guard !spec.learning.isOfEpisodes else {
      throw ExperimentError(
        .spec,
        "\(spec.file): \(command) is for models that learn from rows, and this one learns from episodes"
      )
    }
    guard !spec.files.stream else {
      throw ExperimentError(
        .spec, "\(spec.file): data.stream: \(command) holds all training rows in memory",
        hint: "--set data.stream=false")
    }
  }

  /// The rows of the validation files; nil where there are none.
  func validationRows(_ schema: DataSchema, _ observer: any Observer) throws -> Dataset? {
    guard !spec.files.validation.isEmpty else { return nil }
    return try reading(observer).someRows(spec.files.validation, schema, "validation rows").dataset
  }

  typealias Preparation = (number: Int, plan: Plan, data: TrainingData)

  /// The plan of a fold, compiled for the labels of its training rows.
  func prepare(
    _ fold: Folds.Fold, _ number: Int, _ fitted: FittedData, _ sources: ParameterSources,
    _ validation: Dataset?
  ) throws -> Preparation {
    let data = try TrainingData(
      spec.training, schema: fitted.schema, fitted.dataset, among: fold.training,
      validation: validation, heldOut: fold.heldOut, paths: spec.files.train)
    var own = fitted
    for column in own.statistics.labels.indices {
      own.statistics.labels[column] = own.statistics.labels[column]
        .among(fold.training, of: fitted.dataset, column: column)
    }
    do {
      guard !data.rows.isEmpty else { throw DataError("there is no row to learn from") }
      try LabelCheck.require(spec, own.statistics)
    } catch let error as DataError {
      throw ExperimentError(
        .data, "the training rows of fold \(number): \(error.message)",
        hint: "ask for fewer folds, or stratify them by the task")
    }
    return (number, try compiler.compile(TrainingFiles(own, sources)).plan, data)
  }

  /// Trains some folds at a time, each on its share of the threads: several small models side by side use
  /// them better than one that all of them share.
  private func train(
    _ runs: [Preparation], _ observer: any Observer
  ) throws -> [CrossValidation.Fold] {
    let threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    let bytes = runs.map(\.plan.memoryBytes).max() ?? 0
    let lanes = max(1, min(threads, runs.count, MachineMemory.bytes / 2 / max(1, bytes)))
    let turn = Guarded(false)
    var folds: [CrossValidation.Fold] = []
    for start in stride(from: 0, to: runs.count, by: lanes) {
      let part = Array(runs[start..<min(start + lanes, runs.count)])
      folds += try part.concurrentMap { number, plan, data in
        let own = FoldObserver("fold \(number)", observer, turn: turn)
        var run = TrainingRun(plan: plan, threads: threads / part.count, observer: own)
        let result = try run.run(data)
        let fold = CrossValidation.Fold(
          number: number, trainingRows: data.rows.count, metrics: result.metrics,
          best: result.training.best, seconds: result.training.seconds)
        own.receive(.fold(fold, of: runs.count))
        return fold
      }
    }
    return folds
  }
}
