import Data
import Plan
import Runtime
import Schema

/// The episodes that a plan learns from and is evaluated on.
struct EpisodeData {
  let plan: Plan
  private let episodes: EpisodeSettings
  private let reading: RowReading

  /// - Throws: `EpisodePlanError` when the plan does not learn from episodes.
  init(_ plan: Plan, reading: RowReading) throws {
    guard let episodes = plan.episodes else { throw EpisodePlanError() }
    self.plan = plan
    self.episodes = episodes
    self.reading = reading
  }

  /// What is trained on.
  /// - Parameter data: The training data, when the caller has read it.
  /// - Throws: `DataError`.
  func training(_ data: TrainingFiles? = nil) throws -> any EpisodeSource {
    let files = plan.training.trainPaths
    switch episodes.kind {
    case .images(_, _, _, _, _, let rotations):
      return try images(
        data?.images ?? reading.images(files), rotations: rotations,
        seed: plan.training.seed)
    case .rows:
      let rows =
        try data?.rows?.dataset ?? reading.someRows(files, plan.schema, "training rows").dataset
      return try groups(rows, files, seed: plan.training.seed)
    }
  }

  /// The episodes of an evaluation, which are the same in every one; nil without files.
  /// - Throws: `DataError`.
  func evaluation(_ files: [String], _ what: String) throws -> EpisodeSet? {
    if files.isEmpty { return nil }
    let wanted = episodes.evaluationEpisodes
    switch episodes.kind {
    case .images:
      // Others than those of training, if the files are the same.
      let seed = plan.training.seed ^ 0x7E57
      return (try images(reading.images(files), rotations: false, seed: seed), wanted)
    case .rows:
      let rows = try groups(reading.someRows(files, plan.schema, what).dataset, files, seed: nil)
      return (rows, wanted == 0 ? rows.groupCount : min(wanted, rows.groupCount))
    }
  }

  private func images(
    _ arrays: [(file: String, array: ImageArray)], rotations: Bool, seed: UInt64
  ) throws -> ImageEpisodes {
    guard case .images(let ways, let shots, let queries, let height, let width, _) = episodes.kind
    else { throw EpisodePlanError() }
    if let (file, array) = arrays.first, (array.height, array.width) != (height, width) {
      throw DataError(
        "has images of \(array.height)×\(array.width), the plan was compiled for"
          + " \(height)×\(width)", at: .init(file: file))
    }
    return try ImageEpisodes(
      arrays, ways: ways, shots: shots, queries: queries, rotations: rotations, seed: seed)
  }

  private func groups(
    _ rows: Dataset, _ files: [String], seed: UInt64?
  ) throws -> RowEpisodes {
    guard case .rows(let support, let queries) = episodes.kind else { throw EpisodePlanError() }
    let file = files.first ?? "-"
    let groups = try RowEpisodes(
      rows, supportRows: support, queryRows: queries, seed: seed, file: file)
    if groups.skippedGroups > 0 {
      reading.observer.receive(
        .note(
          "\(file): left out \(Format.count(groups.skippedGroups, "group")) with fewer than"
            + " \(support + queries) rows"))
    }
    return groups
  }
}
