import Data
import Plan
import Runtime
import Schema

/// Made-up rows of the right types: numbers in [0, 1), ids spread over their tables, a third of the
/// labels positive, groups of a few rows. What a step takes does not depend on what the numbers are, but
/// for losses that compare the rows of a group.
enum SyntheticFeeds {
  private static let rowsOfGroup = 16

  static func fill(
    _ feeds: [FeedBlock], of plan: Plan, rows: Int, _ random: inout SplitMix64
  ) {
    let schema = plan.schema
    let layout = schema.feeds
    for block in feeds {
      let (name, rows, width) = matrix(block, plan.episodes, rows: rows)
      let limits = idLimits(name, schema, layout, plan.episodes)
      for row in 0..<rows {
        for column in 0..<width {
          let place = 4 * (row * width + column)
          if name == FeedLayout.group {
            block.base.storeBytes(
              of: column == 0 ? Int32(truncatingIfNeeded: row / rowsOfGroup + 1) : 0,
              toByteOffset: place, as: Int32.self)
          } else if block.isInteger {
            let limit = column < limits.count ? limits[column] : limits.first ?? 1
            block.base.storeBytes(
              of: Int32(random.below(max(1, limit))), toByteOffset: place, as: Int32.self)
          } else {
            block.base.storeBytes(
              of: number(name, &random), toByteOffset: place, as: Float.self)
          }
        }
      }
    }
  }

  /// A feed without its part of an episode, whose rows it holds one after the other.
  private static func matrix(
    _ block: FeedBlock, _ episodes: EpisodeSettings?, rows: Int
  ) -> (name: String, rows: Int, width: Int) {
    for part in [EpisodeName.support, EpisodeName.query]
    where episodes != nil && block.name.hasPrefix(EpisodeName.feed(part, "")) {
      let name = String(block.name.dropFirst(part.count + 1))
      guard case .rows(let support, let queries)? = episodes?.kind else {
        return (name, block.width, 1)
      }
      let count = part == EpisodeName.support ? support : queries
      return (name, count, block.width / max(1, count))
    }
    return (block.name, rows, block.width)
  }

  private static func number(_ feed: String, _ random: inout SplitMix64) -> Float {
    switch feed {
    case FeedLayout.labels: random.uniform() < 0.3 ? 1 : 0
    case FeedLayout.labelMask, FeedLayout.sampleWeight: 1
    default: Float(random.uniform())
    }
  }

  /// How many ids each column of a feed may hold.
  private static func idLimits(
    _ feed: String, _ schema: DataSchema, _ layout: FeedLayout, _ episodes: EpisodeSettings?
  ) -> [Int] {
    if case .images(let ways, _, _, _, _, _)? = episodes?.kind { return [ways] }
    if feed == FeedLayout.ids {
      return zip(schema.features, layout.slots).compactMap { feature, slot in
        if case .id = slot { feature.cardinality ?? 1 } else { nil }
      }
    }
    return schema.features.filter { FeedLayout.sequenceIds($0.name) == feed }
      .map { $0.cardinality ?? 1 }
  }
}
