import Data
import ModelDefs
import Plan
import Schema

/// What a check of a spec and its data found.
public struct CheckReport: Sendable {
  public var name: String
  /// Statistics of the training rows; nil for images.
  public var training: DataStatistics?
  /// nil without test files.
  public var test: DataStatistics?
  /// What a training array of images holds.
  public struct Images: Sendable {
    public var file: String
    public var classes: Int
    /// Images of a class.
    public var examples: Int
    /// In pixels.
    public var height: Int
    public var width: Int
  }

  /// The training arrays of images.
  public var images: [Images] = []
  /// The model's weights, and the memory of a session in bytes.
  public var weights: Int
  public var memoryBytes: Int
  /// The memory of the encoded rows in bytes, those of training and testing; 0 for images.
  public var rowBytes = 0
  /// For a model that learns from episodes, all meta steps.
  public var stepsPerEpoch: Int
  public var findings: [Finding]
  /// Into how many micro-batches a batch is cut, with the most rows of one and the bytes of its arena; nil for
  /// batches in one piece.
  public var microBatches: (count: Int, rows: Int, arenaBytes: Int)?
  public var learnsFromEpisodes = false
}

extension Experiment {
  /// Checks the spec against its data before a long run: types, sizes, labels, leakage, the order of
  /// a funnel, base rates.
  ///
  /// - Parameter rowLimit: Looks at the first rows only.
  /// - Returns: What is possible but seldom meant.
  /// - Throws: What cannot work.
  public func check(
    rowLimit: Int? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> [Finding] {
    try checkReport(rowLimit: rowLimit, observer: observer).findings
  }

  /// As `check`, with what the columns hold.
  public func checkReport(
    rowLimit: Int? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> CheckReport {
    try ExperimentError.wrap {
      let files = try trainingFiles(rowLimit: rowLimit, observer)
      let plan = try compiler.compile(files).plan
      var steps = plan.episodes?.steps ?? 0
      let weights = plan.parameters.reduce(0) { $0 + $1.rows * $1.columns }
      if plan.episodes != nil {
        // Too few classes, examples or groups are found here and not in the middle of a run.
        let data = try EpisodeData(plan, reading: reading(observer))
        _ = try data.training(files)
        _ = try data.evaluation(plan.training.validationPaths, "validation rows")
        _ = try data.evaluation(plan.training.testPaths, "test rows")
      }
      guard let fitted = files.rows else {
        return CheckReport(
          name: spec.name, images: files.images.map(CheckReport.Images.init), weights: weights,
          memoryBytes: plan.memoryBytes,
          stepsPerEpoch: steps, findings: [], learnsFromEpisodes: true)
      }
      var cut: [Finding] = []
      if plan.episodes == nil {
        let batch = max(1, plan.training.batchSize)
        steps = (fitted.statistics.rows + batch - 1) / batch
        if let groups = try TrainingData.groups(plan.training, fitted) {
          let shuffle = plan.training.shuffle ? Shuffle(seed: plan.training.seed) : nil
          steps = groups.order(epoch: 0, shuffle, batchSize: batch).batchEnds?.count ?? steps
          cut =
            groups.cutGroups(batchSize: batch).map {
              [Finding(kind: .cutGroups, subject: DataKeys.groupBy.name, message: $0)]
            } ?? []
        }
      }
      if plan.episodes == nil, plan.training.validationPaths.isEmpty, rowLimit == nil,
        plan.training.validationSplit == .column
      {
        // What is held back by a column is something, and not all.
        _ = try TrainingData.heldBack(
          nil, fitted.dataset, fitted.schema.validationColumn, spec.files.train)
      }
      let test = try testRows(fitted, rowLimit: rowLimit, observer)
      let batches = plan.training.microBatches
      return CheckReport(
        name: spec.name, training: fitted.statistics, test: test?.statistics,
        weights: weights, memoryBytes: plan.memoryBytes,
        rowBytes: fitted.dataset.byteCount + (test?.dataset.byteCount ?? 0), stepsPerEpoch: steps,
        findings: InteractionRank.findings(plan) + files.sources.findings
          + DataFindings(spec: spec, training: fitted, test: test).all() + cut,
        microBatches: batches.isOn
          ? plan.program(.train).map { (batches.count, $0.batchCapacity, $0.arenaBytes) } : nil,
        learnsFromEpisodes: plan.episodes != nil)
    }
  }
}

extension CheckReport.Images {
  init(_ file: String, _ array: ImageArray) {
    self.init(
      file: file, classes: array.classes, examples: array.examples, height: array.height,
      width: array.width)
  }
}
