import Data
import Plan
import Runtime
import Schema

/// The rows that a training run reads: to train on, to validate with, to test with.
struct TrainingData {
  let training: Dataset
  /// The rows of `training` that are trained on.
  let rows: [Int32]
  let validation: Trainer.Validation?
  let test: Dataset?
  private let shuffle: Shuffle?

  /// Reads what is not there yet. Throws `DataError`.
  ///
  /// - Parameter training: the training files' rows, when the caller has read them.
  init(
    _ settings: TrainingSettings, schema: DataSchema, training known: Dataset? = nil, log: Log
  ) throws {
    training = try known ?? Self.read(settings.trainPaths, schema, "training rows", log)
    let order = Shuffle(seed: settings.seed)
    shuffle = settings.shuffle ? order : nil
    if !settings.validationPaths.isEmpty {
      let source = try Self.read(settings.validationPaths, schema, "validation rows", log)
      validation = Trainer.Validation(
        source: source, rows: Array(0..<Int32(clamping: source.rowCount)))
      rows = Array(0..<Int32(clamping: training.rowCount))
    } else if settings.validationFraction > 0 {
      let parts = order.split(
        count: training.rowCount, validationFraction: settings.validationFraction)
      rows = parts.training
      validation = Trainer.Validation(source: training, rows: parts.validation)
    } else {
      rows = Array(0..<Int32(clamping: training.rowCount))
      validation = nil
    }
    test =
      settings.testPaths.isEmpty
      ? nil : try Self.read(settings.testPaths, schema, "test rows", log)
  }

  /// The rows of an epoch in the order of their use.
  var order: (Int) throws -> [Int32] {
    { [shuffle, rows] epoch in shuffle?.permutation(of: rows, epoch: epoch) ?? rows }
  }

  /// A plan compiled for data whose labels are all there does not look at which are missing.
  /// Throws `DataError` when the files now hold rows without one.
  func requireLabels(for plan: Plan) throws {
    guard let program = plan.program(.train),
      !program.feeds.contains(where: { $0.name == FeedLayout.labelMask }),
      let mask = training.floats(FeedLayout.labelMask), mask.contains(0)
    else { return }
    throw DataError(
      "some rows have no label, but the plan was compiled for data in which none is missing",
      at: plan.training.trainPaths.first.map { .init(file: $0) },
      hint: "compile the spec again with these files")
  }

  static func read(
    _ paths: [String], _ schema: DataSchema, _ what: String, _ log: Log
  ) throws -> Dataset {
    let meter = ReadingMeter("reading \(what)", files: paths, log: log)
    let dataset = try Dataset.read(
      paths, schema: schema, options: ReadOptions(progress: meter.callback)
    ).dataset
    guard dataset.rowCount > 0 else {
      throw DataError("there are no \(what)", at: paths.first.map { .init(file: $0) })
    }
    meter.finish(rows: dataset.rowCount)
    return dataset
  }
}
