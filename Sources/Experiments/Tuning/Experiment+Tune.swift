import Data
import ModelDefs
import Schema

extension Experiment {
  /// The share of the training rows that is held back where the spec says nothing of validation.
  static let tunedFraction = 0.15

  /// Searches for the settings of a spec with the best metrics on its validation rows, or over folds: settings are drawn at
  /// random from the section `search`, and the best are trained for more and more epochs
  /// (`SuccessiveHalving`). Test rows are not read.
  ///
  /// Each result is on the disk before the next one begins, so that a search that was killed goes on. What is
  /// tried depends on the spec, the data and the seed, and not on the number of threads.
  ///
  /// - Parameter folder: Where `journal.jsonl` is kept.
  public func tune(
    _ request: TuningRequest, in folder: String, observer: any Observer = .silent
  ) throws(ExperimentError) -> Tuning {
    try ExperimentError.wrap {
      let start = ContinuousClock.now
      try TrialJournal.check(folder, resumes: request.resumes)
      try requireSharedRows("tune")
      if let rule = request.folds { try requireFolds(rule) }
      guard !spec.files.train.contains("-") else {
        throw ExperimentError(
          .spec,
          "\(spec.file): data.train: the best spec is to name its files, and standard input has no name"
        )
      }
      let base =
        request.folds == nil
        ? with(try spec.withValidation(fraction: Self.tunedFraction)) : self
      let space = try SearchSpace(base.spec, spec.search)
      let objective = try Objective(
        request.metric, base.spec.tasks.map { ($0.name, $0.kind) },
        hasGroups: base.spec.dataDeclaration.groupColumn != nil)
      let runner = try TrialRunner(base, folds: request.folds, observer)
      if request.folds == nil, !spec.hasValidation {
        observer.receive(
          .note(
            "the spec names no validation rows: \(Format.percent(Self.tunedFraction)) of the training rows,"
              + " drawn at random, are held back"))
      }
      if !space.isGiven {
        let keys = space.dimensions.map { "\($0.path)" }.joined(separator: ", ")
        observer.receive(.note("the spec has no section search, so the usual keys are: \(keys)"))
      }
      let journal = try TrialJournal(
        in: folder, search: base.searchName(space, request), resumes: request.resumes)
      if !journal.known.isEmpty {
        observer.receive(
          .note("going on with \(Format.count(journal.known.count, "result")) of \(journal.path)"))
      }
      var search = TrialSearch(
        space: space, objective: objective, runner: runner, journal: journal, request: request,
        epochs: base.spec.training.epochs, start: start - .seconds(journal.elapsed),
        threads: max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount),
        observer: observer)
      let results = try search.run()
      return try tuning(of: results, search, base, request)
    }
  }

  /// What tells a search from others: the spec, what is drawn from, the seed, and the sizes of the files.
  private func searchName(_ space: SearchSpace, _ request: TuningRequest) -> String {
    let sizes = (spec.files.train + spec.files.validation).map { path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return "\((attributes?[.size] as? Int) ?? 0)"
    }
    let folds = request.folds.map { ["\($0)"] } ?? []
    let text = [spec.canonicalText, space.text, "\(request.seed)"] + sizes + folds
    let bytes = Array(text.joined(separator: "\n").utf8)
    return String(bytes.withUnsafeBufferPointer { fnv1a($0) }, radix: 16)
  }

  /// - Parameter base: This experiment, with the validation rows of the search.
  private func tuning(
    of results: [TrialResult], _ search: TrialSearch, _ base: Experiment, _ request: TuningRequest
  ) throws -> Tuning {
    let results = results.sorted { ($0.trial, $0.epochs) < ($1.trial, $1.epochs) }
    let scores = search.objective.scores(results)
    let best = results.indices.filter { scores[$0].isFinite }.min { scores[$0] < scores[$1] }
    guard let best else {
      guard let failure = results.first?.failure else {
        throw ExperimentError(
          .argument, "no trial was done in the time of the search",
          hint: "give it more, or fewer epochs or rows")
      }
      throw ExperimentError(
        .numeric,
        "none of \(Format.count(Set(results.map(\.trial)).count, "trial")) came to an end; the first: \(failure)"
      )
    }
    let found = results[best]
    let settings =
      search.space.settings(trial: found.trial, seed: request.seed)
      + [Spec.epochs(found.epochs)].compactMap { $0 }
    let metrics = search.objective.tasks.map { task in
      let value = found[task.name]?[task.metric.name].map { Format.fixed($0, 4) } ?? "n/a"
      return "\(task.name) \(task.metric.title) \(value)"
    }
    let text =
      "// The best of \(Format.count(results.count, "training")) of mtlc tune: trial \(found.trial) with"
      + " \(Format.count(found.epochs, "epoch")).\n"
      + "// \(request.folds == nil ? "Validation rows" : "Mean of the folds"): \(metrics.joined(separator: ", ")).\n"
    // Without validation rows in the spec all rows are to be trained on.
    let body = try (try? spec.text(with: settings)) ?? base.spec.text(with: settings)
    return Tuning(
      name: spec.name, seed: request.seed, metric: request.metric, folds: request.folds,
      tasks: search.objective.tasks,
      epochs: search.halving.epochs, results: results, scores: scores, best: best,
      front: search.objective.front(results), bestSpec: text + body)
  }
}
