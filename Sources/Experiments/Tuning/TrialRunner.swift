import Data
import ModelDefs
import Plan
import Schema

/// Trains the settings of a search on rows that all of them share.
final class TrialRunner {
  private struct Key: Hashable {
    var declaration: DataDeclaration
    var initial: InitialPlan?
  }

  /// What the files hold, as a declaration reads them.
  private struct Rows {
    var fitted: FittedData
    var sources: ParameterSources
    var validation: Dataset?
  }

  private let base: Experiment
  /// Those whose mean a result is; none where validation rows are measured.
  private var folds: [Folds.Fold] = []
  /// Those of the base, and of the last trials that declare features otherwise.
  private let known = Guarded<[Key: Rows]>([:])
  /// How many declarations have their rows in memory at a time.
  private static let mostKept = 3

  /// Reads the rows of the base. Throws `DataError`.
  init(_ base: Experiment, folds rule: FoldRule?, _ observer: any Observer) throws {
    self.base = base
    let rows = try rows(of: base, observer)
    guard let rule else { return }
    folds = try Folds(
      rule, base.spec, rows.fitted.dataset, seed: base.spec.training.seed
    ).folds
  }

  private func key(_ spec: Spec) -> Key {
    Key(declaration: spec.dataDeclaration, initial: spec.initial)
  }

  /// The rows of a trial, read where no other one had them. Others wait meanwhile.
  private func rows(of experiment: Experiment, _ observer: any Observer) throws -> Rows {
    let (key, first) = (key(experiment.spec), key(base.spec))
    return try known.withLock { known in
      if let rows = known[key] { return rows }
      let files = try experiment.trainingFiles(observer)
      guard let fitted = files.rows else { throw DataError("there are no training rows") }
      if known.count >= Self.mostKept { known = known.filter { $0.key == first } }
      let rows = Rows(
        fitted: fitted, sources: files.sources,
        validation: try experiment.validationRows(fitted.schema, observer))
      known[key] = rows
      return rows
    }
  }

  /// Trains settings and measures the validation rows, or each fold. What keeps them from being trained, as a loss that is
  /// not finite, is part of the result.
  /// - Throws: What concerns all trials, or an interruption.
  func run(
    _ settings: [Spec.Assignment], trial: Int, epochs: Int, threads: Int,
    _ observer: any Observer
  ) throws -> TrialResult {
    let start = ContinuousClock.now
    var result = TrialResult(
      trial: trial, epochs: epochs,
      settings: settings.map(TrialResult.Setting.init), tasks: [],
      failure: nil, seconds: 0)
    do {
      let experiment = base.with(
        try base.spec.with(settings + [Spec.epochs(epochs)].compactMap { $0 }))
      let spec = experiment.spec
      // Those that go with the type that was drawn.
      result.settings = settings.filter { spec.has($0) }.map(TrialResult.Setting.init)
      let rows = try rows(of: experiment, .silent)
      var sources = rows.sources
      if spec.features.contains(where: { $0.pretrained != nil }) {
        sources = try experiment.parameterSources(rows.fitted.schema, sources.earlier, .silent)
      }
      let names = spec.tasks.map(\.name)
      func scores(_ plan: Plan, _ data: TrainingData) throws -> [TrialResult.TaskScores] {
        var run = TrainingRun(plan: plan, threads: threads, observer: observer)
        return try run.run(data).metrics.tasks.filter { names.contains($0.task) }
          .map { TrialResult.TaskScores($0) }
      }
      if folds.isEmpty {
        let plan = try experiment.compiler.compile(TrainingFiles(rows.fitted, sources)).plan
        let data = try TrainingData(
          spec.training, schema: plan.schema, rows.fitted.dataset, validation: rows.validation,
          paths: spec.files.train)
        result.tasks = try scores(plan, data)
      } else {
        let found = try folds.enumerated().map { number, fold in
          let prepared = try experiment.prepare(
            fold, number + 1, rows.fitted, sources, rows.validation)
          return try scores(prepared.plan, prepared.data)
        }
        result.tasks = TrialResult.TaskScores.means(found)
      }
    } catch {
      let error = ExperimentError(error)
      switch error.kind {
      case .spec, .numeric, .memory: result.failure = error.message
      case .argument, .data, .plan, .output, .interrupted, .internalError: throw error
      }
    }
    result.seconds = (ContinuousClock.now - start).seconds
    return result
  }
}

extension TrialResult.Setting {
  fileprivate init(_ assignment: Spec.Assignment) {
    self.init(key: "\(assignment.path)", value: assignment.value.json)
  }
}

extension Spec {
  /// The number of epochs as an assignment.
  static func epochs(_ count: Int) -> Assignment? {
    SpecPath("training.epochs").map { ($0, SpecValue(.integer(count), at: .file)) }
  }

  /// The spec with validation rows: its own, or a share of the training rows where it has none.
  func withValidation(fraction: Double) throws -> Spec {
    guard !hasValidation, let path = SpecPath("data.validation_fraction") else { return self }
    return try with([(path, SpecValue(.number(fraction), at: .file))])
  }

  var hasValidation: Bool {
    !files.validation.isEmpty || files.validationFraction > 0 || files.validationSplit == .column
  }
}
