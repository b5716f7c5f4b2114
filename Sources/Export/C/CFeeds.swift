import Schema

/// The feeds of the features as members of a C struct.
struct CFeeds {
  struct Member {
    var feed: FeedLayout.Feed
    /// In C.
    var name: String
    /// What the columns hold, from the first.
    var columns: [String]
  }

  private(set) var members: [Member] = []

  init(_ schema: DataSchema) {
    let layout = schema.feeds
    let notOfFeatures: Set = [
      FeedLayout.labels, FeedLayout.labelMask, FeedLayout.sampleWeight, FeedLayout.group,
      FeedLayout.heldBack,
    ]
    var names = CNames()
    for feed in layout.feeds where !notOfFeatures.contains(feed.name) {
      var columns: [String] = []
      for (feature, slot) in zip(schema.features, layout.slots) {
        switch slot {
        case .numeric where feed.name == FeedLayout.numeric: columns.append(feature.name)
        case .vector(_, let dim) where feed.name == FeedLayout.numeric:
          columns += (0..<dim).map { "\(feature.name)[\($0)]" }
        case .id where feed.name == FeedLayout.ids:
          columns.append("\(feature.name) (below \(feature.cardinality ?? 0))")
        case .sequence where feed.name == FeedLayout.sequenceIds(feature.name):
          columns = [
            "the ids of \(feature.name) (below \(feature.cardinality ?? 0)), -1 behind the last"
          ]
        case .sequence where feed.name == FeedLayout.sequenceWeights(feature.name):
          columns = ["their weights, 0 behind the last"]
        case .numeric, .vector, .id, .sequence: continue
        }
      }
      members.append(Member(feed: feed, name: names.unique(feed.name), columns: columns))
    }
  }

  /// The member of a feed, as an expression.
  func expression(_ feed: String) throws(ExportError) -> String {
    guard let member = members.first(where: { $0.feed.name == feed }) else {
      throw ExportError("the predictions read the feed \(feed), which no feature gives")
    }
    return "encoded->\(member.name)"
  }
}
