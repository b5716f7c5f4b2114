import Data
import ModelDefs
import Schema

/// Ids of test rows that no training row has, although the encoding knows them: numbers below
/// `num_ids`, entries of a given vocabulary, hash buckets. Their rows of the table were never trained.
enum UnseenIds {
  /// Adds them to the unknown values of the test rows' statistics.
  static func count(
    in test: inout DataStatistics, rows: Dataset, training: FittedData, features: [FeatureSpec]
  ) {
    let schema = training.schema
    var seen: [String: IdSet] = [:]
    func table(_ index: Int) -> String {
      guard features.indices.contains(index) else { return schema.features[index].name }
      switch features[index].input {
      case .embedding(_, let table), .sequence(_, let table, _): return table
      case .numeric, .piecewiseLinear, .periodic, .oneHot: return features[index].name
      }
    }
    for (index, feature) in schema.features.enumerated() {
      // Test episodes are of groups that were not trained on, as they should be.
      guard let count = feature.cardinality, feature.hasIds,
        feature.name != RowEpisodeModel.groupFeature
      else { continue }
      var ids = seen[table(index)] ?? IdSet(count: count)
      forEachId(of: schema.feeds.slots[index], feature, in: training.dataset) { ids.insert($0) }
      seen[table(index)] = ids
    }
    for (index, feature) in schema.features.enumerated() where feature.hasIds {
      guard let ids = seen[table(index)], test.features.indices.contains(index) else { continue }
      var unseen = 0
      forEachId(of: schema.feeds.slots[index], feature, in: rows) {
        if $0 > 0, !ids.contains($0) { unseen += 1 }
      }
      test.features[index].outOfVocabulary += unseen
    }
  }

  private static func forEachId(
    of slot: FeedLayout.Slot, _ feature: FeatureSchema, in rows: Dataset, _ body: (Int) -> Void
  ) {
    let name =
      if case .sequence = slot { FeedLayout.sequenceIds(feature.name) } else { FeedLayout.ids }
    guard let feed = rows.layout.feed(named: name), let values = rows.integers(name) else { return }
    let columns = if case .sequence = slot { 0..<feed.width } else { slot.column..<slot.column + 1 }
    values.withUnsafeBufferPointer { values in
      for row in stride(from: 0, to: values.count, by: max(1, feed.width)) {
        for column in columns { body(Int(values[row + column])) }
      }
    }
  }
}

extension FeatureSchema {
  /// Whether it has ids of texts, and not of buckets.
  var hasIds: Bool {
    switch encoder {
    case .id, .sequence, .cross: true
    case .numeric, .bucketized, .vector: false
    }
  }
}

/// Some ids below a number.
private struct IdSet {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: count / 64 + 1) }

  mutating func insert(_ id: Int) {
    if words.indices.contains(id >> 6), id >= 0 { words[id >> 6] |= 1 << UInt64(id & 63) }
  }

  func contains(_ id: Int) -> Bool {
    id >= 0 && words.indices.contains(id >> 6) && words[id >> 6] >> UInt64(id & 63) & 1 == 1
  }
}
