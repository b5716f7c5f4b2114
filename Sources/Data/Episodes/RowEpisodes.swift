import Schema

/// Groups of rows as tasks: some rows of a group to adapt on, others to predict.
package struct RowEpisodes: EpisodeSource {
  /// Groups with rows enough for an episode.
  package var groupCount: Int { groups.count }
  /// Groups that have too few rows and are left out.
  package let skippedGroups: Int

  private let dataset: Dataset
  /// The rows of each group in the order of the file; groups in the order of their first rows.
  private let groups: [[Int32]]
  private let supportRows: Int
  private let queryRows: Int
  /// Of training; nil for evaluation.
  private let seed: UInt64?
  /// The column of the `ids` feed that names the group: the last one.
  private let groupColumn: Int

  /// - Parameters:
  ///   - dataset: Its schema's last feature is the group, as an id.
  ///   - seed: Draws random groups, and random rows of them. nil takes the groups in turn, of each its
  ///     first rows to adapt on and the next to predict.
  ///   - file: What to name in messages.
  /// - Throws: `DataError` when no group has rows enough, or a label is missing.
  package init(
    _ dataset: Dataset, supportRows: Int, queryRows: Int, seed: UInt64?, file: String
  ) throws {
    let place = DataError.Place(file: file)
    guard let ids = dataset.integers(FeedLayout.ids),
      let feed = dataset.layout.feed(named: FeedLayout.ids)
    else { throw DataError("the rows have no group", at: place) }
    if let mask = dataset.floats(FeedLayout.labelMask), mask.contains(0) {
      throw DataError(
        "some rows have no label", at: place, hint: "learning from groups takes labelled rows")
    }
    var places: [Int32: Int] = [:]
    var groups: [[Int32]] = []
    for row in 0..<dataset.rowCount {
      let group = ids[row * feed.width + feed.width - 1]
      if let place = places[group] {
        groups[place].append(Int32(row))
      } else {
        places[group] = groups.count
        groups.append([Int32(row)])
      }
    }
    let large = groups.filter { $0.count >= supportRows + queryRows }
    guard !large.isEmpty else {
      throw DataError(
        "none of the \(groups.count) groups has \(supportRows) rows to adapt on and \(queryRows) to"
          + " predict; the largest has \(groups.map(\.count).max() ?? 0)", at: place,
        hint: "lower model.support_rows or model.query_rows")
    }
    self.dataset = dataset
    self.groups = large
    skippedGroups = groups.count - large.count
    self.supportRows = supportRows
    self.queryRows = queryRows
    self.seed = seed
    groupColumn = feed.width - 1
  }

  private func rows(of episode: Int) -> (support: ArraySlice<Int32>, query: ArraySlice<Int32>) {
    let rows: [Int32]
    if let seed {
      var random = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(episode)))
      let group = groups[random.below(groups.count)]
      rows = ImageEpisodes.sample(supportRows + queryRows, of: group.count, &random)
        .map { group[$0] }
    } else {
      rows = groups[episode % groups.count]
    }
    return (rows.prefix(supportRows), rows.dropFirst(supportRows).prefix(queryRows))
  }

  package func write(
    episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?
  ) {
    let (support, query) = rows(of: episode)
    for (part, rows) in [(EpisodeName.support, support), (EpisodeName.query, query)] {
      for (index, feed) in dataset.layout.feeds.enumerated() {
        guard var target = destination(EpisodeName.feed(part, feed.name)),
          let base = dataset.feedBytes(index).baseAddress
        else { continue }
        // The ids without the group.
        let width = feed.name == FeedLayout.ids ? groupColumn : feed.width
        for row in rows {
          target.copyMemory(from: base + Int(row) * feed.width * 4, byteCount: width * 4)
          target += width * 4
        }
      }
    }
  }

  package func labels(episode: Int) -> [[Float]] {
    guard let labels = dataset.floats(FeedLayout.labels),
      let width = dataset.layout.feed(named: FeedLayout.labels)?.width
    else { return [] }
    let rows = rows(of: episode).query
    return (0..<width).map { task in rows.map { labels[Int($0) * width + task] } }
  }
}
