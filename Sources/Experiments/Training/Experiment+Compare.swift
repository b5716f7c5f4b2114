import Data
import Passes
import Plan
import Runtime
import Schema

/// What the two modes of a model differ by.
public struct Comparison: Sendable {
  public var name: String
  /// The largest distance of any tensor that is allowed; nil for each tensor's own bound.
  public var tolerance: Double?
  /// Whether the spec takes products in full precision; the comparison always does.
  public var isExact: Bool
  public var report: ComparisonReport

  public var agrees: Bool { report.agrees(within: tolerance) }
}

extension Experiment {
  /// Trains both modes from the same weights on the same batches and measures how far every loss,
  /// gradient and parameter is from that of the eager engine in double precision. Products are taken
  /// in full precision: rounding on purpose would hide errors of the compiler.
  /// - Parameters:
  ///   - steps: nil for 20, of a model that learns from episodes for 2.
  ///   - tolerance: nil for a bound of each tensor by what rounding may do to it.
  public func compare(
    steps: Int? = nil, tolerance: Double? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> Comparison {
    try ExperimentError.wrap {
      let files = try trainingFiles(observer)
      guard let fitted = files.rows, !spec.learning.isOfEpisodes else {
        return Comparison(
          name: name, tolerance: tolerance, isExact: true,
          report: try compareOnEpisodes(files, steps: steps ?? 2, observer))
      }
      var plan = try compiler.compile(
        files, options: Compiler.Options(includesGradients: true)
      ).plan
      let isExact = plan.training.kernels.matmulPrecision == .highest
      plan.training.kernels.matmulPrecision = .highest
      let session = try Session(plan: plan, threads: threads)
      session.initialize(seed: plan.training.seed)
      let order = try Self.comparedRows(fitted.dataset, plan.training)
      let report = try ModeComparison(
        session: session, eager: compiler.eagerModel(fitted, plan.initial),
        reference: compiler.eagerModel(fitted, plan.initial)
      ).run(fitted.dataset, order: order, steps: steps ?? 20)
      return Comparison(name: name, tolerance: tolerance, isExact: isExact, report: report)
    }
  }

  /// All rows in the order of a first epoch.
  private static func comparedRows(
    _ rows: Dataset, _ settings: TrainingSettings
  ) throws -> [Int32] {
    let shuffle = Shuffle(seed: settings.seed)
    guard settings.keepsGroups else {
      return shuffle.permutation(epoch: 0, count: rows.rowCount)
    }
    return try RowGroups(rows, rows: Array(0..<Int32(clamping: rows.rowCount)))
      .order(epoch: 0, shuffle, batchSize: settings.batchSize).rows
  }

  private func compareOnEpisodes(
    _ files: TrainingFiles, steps: Int, _ observer: any Observer
  ) throws -> ComparisonReport {
    let plan = try compiler.compile(files, showsChoices: true).plan
    let comparison = EpisodeComparison(
      try StaticEpisodeEngine(plan: plan, threads: threads),
      try compiler.eagerEngine(files.shape, plan),
      reference: try compiler.eagerEngine(files.shape, plan),
      moved: try compiler.eagerEngine(files.shape, plan))
    return try comparison.run(
      try EpisodeData(plan, reading: reading(observer)).training(files), steps: steps)
  }
}
