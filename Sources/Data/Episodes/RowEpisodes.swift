import Schema

/// Groups of rows as tasks: some rows of a group to adapt on, others to predict.
public struct RowEpisodes: Sendable {
  /// Groups with rows enough for an episode.
  public var groupCount: Int { groups.count }
  /// Groups that have too few rows and are left out.
  public let skippedGroups: Int

  private let dataset: Dataset
  /// The rows of each group in the order of the file; groups in the order of their first rows.
  private let groups: [[Int32]]
  private let supportRows: Int
  private let queryRows: Int
  private let seed: UInt64
  /// The column of the `ids` feed that names the group: the last one.
  private let groupColumn: Int

  /// - Parameters:
  ///   - dataset: Its schema's last feature is the group, as an id.
  ///   - file: What to name in messages.
  /// - Throws: `DataError` when no group has rows enough, or a label is missing.
  public init(
    _ dataset: Dataset, supportRows: Int, queryRows: Int, seed: UInt64, file: String
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

  /// Rows drawn for training: a random group, and random rows of it.
  public func drawn(episode: Int) -> (support: [Int32], query: [Int32]) {
    var random = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(episode)))
    let group = groups[random.below(groups.count)]
    let rows = ImageEpisodes.sample(supportRows + queryRows, of: group.count, &random)
      .map { group[$0] }
    return (Array(rows.prefix(supportRows)), Array(rows.dropFirst(supportRows)))
  }

  /// Rows for evaluation: group number `episode`, its first rows to adapt on, the next to predict.
  public func fixed(episode: Int) -> (support: [Int32], query: [Int32]) {
    let group = groups[episode % groups.count]
    return (
      Array(group.prefix(supportRows)), Array(group.dropFirst(supportRows).prefix(queryRows))
    )
  }

  /// Writes all feeds of some rows; `ids` without the group.
  public func write(
    _ rows: [Int32], to destination: (_ feed: String) -> UnsafeMutableRawPointer?
  ) {
    for (index, feed) in dataset.layout.feeds.enumerated() {
      guard var target = destination(feed.name) else { continue }
      let width = feed.name == FeedLayout.ids ? groupColumn : feed.width
      let bytes = dataset.feedBytes(index)
      for row in rows {
        guard let base = bytes.baseAddress else { return }
        target.copyMemory(from: base + Int(row) * feed.width * 4, byteCount: width * 4)
        target += width * 4
      }
    }
  }

  /// The labels of rows, task by task.
  public func labels(_ rows: [Int32]) -> [[Float]] {
    guard let labels = dataset.floats(FeedLayout.labels),
      let width = dataset.layout.feed(named: FeedLayout.labels)?.width
    else { return [] }
    return (0..<width).map { task in rows.map { labels[Int($0) * width + task] } }
  }
}
