import Data
import Plan
import Runtime
import Schema

/// Made-up rows of the right types: numbers in [0, 1), ids spread over their tables, a third of the
/// labels positive. What a step takes does not depend on what the numbers are.
enum SyntheticFeeds {
  static func fill(
    _ session: Session, _ kind: Program.Kind, schema: DataSchema, rows: Int,
    _ random: inout SplitMix64
  ) throws {
    let layout = schema.feeds
    for block in try session.feeds(kind) {
      let limits = idLimits(block.name, schema, layout)
      for row in 0..<rows {
        for column in 0..<block.width {
          let place = 4 * (row * block.width + column)
          if block.isInteger {
            let limit = column < limits.count ? limits[column] : limits.first ?? 1
            block.base.storeBytes(
              of: Int32(random.below(max(1, limit))), toByteOffset: place, as: Int32.self)
          } else {
            block.base.storeBytes(
              of: number(block.name, &random), toByteOffset: place, as: Float.self)
          }
        }
      }
    }
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
    _ feed: String, _ schema: DataSchema, _ layout: FeedLayout
  ) -> [Int] {
    if feed == FeedLayout.ids {
      return zip(schema.features, layout.slots).compactMap { feature, slot in
        if case .id = slot { feature.cardinality ?? 1 } else { nil }
      }
    }
    return schema.features.filter { FeedLayout.sequenceIds($0.name) == feed }
      .map { $0.cardinality ?? 1 }
  }
}
