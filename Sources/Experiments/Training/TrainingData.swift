import Data
import Plan
import Runtime
import Schema

/// The rows that a training run reads: to train on, to validate with, to test with.
struct TrainingData {
  let training: any BatchSource
  /// The rows of `training` that are trained on.
  let rows: [Int32]
  let validation: RowSteps.Validation?
  let test: (dataset: Dataset, statistics: DataStatistics)?
  /// Rows of `training` to test with, in place of test files.
  let heldOut: [Int32]?
  /// The training rows where they are streamed.
  let streamed: StreamedRows?
  private let shuffle: Shuffle?
  /// By row of a stream whether it is trained on; nil where all are.
  private let isTrained: [Bool]?
  /// The rows by group where batches keep groups together.
  private let groups: RowGroups?
  private let batchSize: Int

  /// Reads what is not there yet. Throws `DataError`.
  ///
  /// - Parameters:
  ///   - known: the training files' rows, when the caller has read them.
  ///   - file: where the training rows are streamed from, instead of held in memory.
  init(
    _ settings: TrainingSettings, schema: DataSchema, training known: Dataset? = nil,
    streaming file: StreamFile? = nil, reading: RowReading
  ) throws {
    func some(
      _ files: [String], _ what: String
    ) throws -> (dataset: Dataset, statistics: DataStatistics)? {
      files.isEmpty ? nil : try reading.someRows(files, schema, what)
    }
    func all(_ source: any BatchSource) -> [Int32] { Array(0..<Int32(clamping: source.rowCount)) }
    let order = Shuffle(seed: settings.seed)
    let held = schema.validationColumn
    streamed = file.map { StreamedRows($0, seed: settings.seed, isShuffled: settings.shuffle) }
    shuffle = settings.shuffle && file == nil ? order : nil
    let source: any BatchSource =
      try streamed ?? known
      ?? reading.someRows(settings.trainPaths, schema, "training rows").dataset
    training = source
    let parts = try Self.parts(
      settings, source, order,
      heldBack: { try Self.heldBack(file, source, held, settings.trainPaths) })
    if let parts {
      rows = parts.training
      // Of a stream rows are read in the order of the file.
      validation = (
        file.map { StreamedRows($0, seed: 0, isShuffled: false) } ?? training, parts.validation
      )
      isTrained = file == nil ? nil : Self.marks(rows, of: training.rowCount)
    } else {
      isTrained = nil
      rows = all(training)
      validation = try some(settings.validationPaths, "validation rows").map {
        ($0.dataset, all($0.dataset))
      }
    }
    groups = settings.keepsGroups ? try RowGroups(training, rows: rows) : nil
    batchSize = settings.batchSize
    test = try some(settings.testPaths, "test rows")
    heldOut = nil
  }

  /// Training on some rows of a dataset, of which some are set aside for validation as settings say.
  ///
  /// - Parameters:
  ///   - among: The rows to train on and to validate with.
  ///   - validation: The rows of the validation files; nil where there are none.
  ///   - heldOut: The rows to test with; nil for none.
  ///   - paths: How the caller named the training files.
  /// - Throws: `DataError`.
  init(
    _ settings: TrainingSettings, schema: DataSchema, _ dataset: Dataset, among: [Int32]? = nil,
    validation files: Dataset?, heldOut: [Int32]? = nil, paths: [String]
  ) throws {
    let order = Shuffle(seed: settings.seed)
    let known = among ?? Array(0..<Int32(clamping: dataset.rowCount))
    training = dataset
    let parts = try Self.parts(
      settings, dataset, order, among: known,
      heldBack: { try Self.heldBack(nil, dataset, schema.validationColumn, paths) })
    rows = parts?.training ?? known
    validation =
      parts.map { (dataset, $0.validation) }
      ?? files.map { ($0, Array(0..<Int32(clamping: $0.rowCount))) }
    groups = settings.keepsGroups ? try RowGroups(dataset, rows: rows) : nil
    batchSize = settings.batchSize
    shuffle = settings.shuffle ? order : nil
    (test, streamed, isTrained) = (nil, nil, nil)
    self.heldOut = heldOut
  }

  /// The rows of an epoch in the order of their use.
  var order: (Int) throws -> EpochOrder {
    { [shuffle, rows, streamed, isTrained, groups, batchSize] epoch in
      if let groups { return groups.order(epoch: epoch, shuffle, batchSize: batchSize) }
      guard let streamed else {
        return EpochOrder(shuffle?.permutation(of: rows, epoch: epoch) ?? rows)
      }
      let order = streamed.order(epoch: epoch)
      return EpochOrder(
        isTrained.map { isTrained in order.filter { isTrained[Int($0)] } } ?? order)
    }
  }

  /// What to say of groups that are larger than a batch; nil where there are none.
  var cutGroups: String? { groups?.cutGroups(batchSize: batchSize) }

  /// The training rows to evaluate on, in their own order.
  var evaluated: any BatchSource {
    streamed.map { StreamedRows($0.file, seed: 0, isShuffled: false) } ?? training
  }

  /// Visits the ids of all rows that are trained on, some at a time.
  func forEachIds(_ visit: (UntrainedRows.FeedBatch) -> Void) throws {
    let source = evaluated
    let most = 1024
    let feeds = source.feeds.map { feed in
      UnsafeMutableBufferPointer<Int32>.allocate(
        capacity: feed.isInteger && feed.name != FeedLayout.group ? most * feed.width : 0)
    }
    defer { for feed in feeds { feed.deallocate() } }
    let destinations = feeds.map { $0.isEmpty ? nil : UnsafeMutableRawPointer($0.baseAddress) }
    for start in stride(from: 0, to: rows.count, by: most) {
      let batch = Array(rows[start..<min(start + most, rows.count)])
      try batch.withUnsafeBufferPointer { try source.copyRows($0, into: destinations) }
      var ids: UntrainedRows.FeedBatch = [:]
      for (feed, block) in zip(source.feeds, feeds) where !block.isEmpty {
        ids[feed.name] = (
          UnsafeBufferPointer(rebasing: block[..<(batch.count * feed.width)]), feed.width
        )
      }
      visit(ids)
    }
    (source as? StreamedRows)?.close()
  }

  /// A plan compiled for data whose labels are all there does not look at which are missing.
  /// Throws `DataError` when the files now hold rows without one.
  func requireLabels(for plan: Plan) throws {
    guard let program = plan.program(.train),
      !program.feeds.contains(where: { $0.name == FeedLayout.labelMask }),
      let mask = (training as? Dataset)?.floats(FeedLayout.labelMask), mask.contains(0)
    else { return }
    throw DataError(
      "some rows have no label, but the plan was compiled for data in which none is missing",
      at: plan.training.trainPaths.first.map { .init(file: $0) },
      hint: "compile the spec again with these files")
  }
}
