import CKernels
import Schema

extension RowEncoder {
  /// Writes the ids that fit no byte, and the numbers that are no floats, after the feeds were
  /// widened for them. No thread may encode meanwhile.
  ///
  /// - Parameters:
  ///   - encoders: replicas of each other, one for each thread.
  ///   - rows: how many rows were encoded so far.
  static func writeDeferred(
    _ encoders: [RowEncoder], rows: Int, _ storage: FeedStorage
  ) throws {
    guard let first = encoders.first, encoders.contains(where: \.hasDeferred) else { return }
    if let feed = first.byteFeed, storage.elementBytes[feed] == 1,
      encoders.contains(where: { $0.features.contains(where: \.hasWideIds) })
    {
      try storage.widen(feed, rows: rows)
    }
    for (k, feature) in first.features.enumerated()
    where encoders.contains(where: { $0.features[k].hasUnrepresentable }) {
      try feature.keepAsDoubles(rows: rows, in: storage)
    }
    for feature in encoders.flatMap(\.features) { feature.writeDeferred(to: storage) }
  }

  /// Whether ids or numbers wait to be written until no thread encodes.
  var hasDeferred: Bool { features.contains { $0.hasWideIds || $0.hasUnrepresentable } }

  /// Tokens that were learned so far.
  var tokenCount: Int { vocabularies.reduce(0) { $0 + $1.size } }

  /// Adds what replicas learned and counted, which encode no more.
  func absorb(_ replicas: [RowEncoder], threads: Int) {
    guard !replicas.isEmpty else { return }
    for replica in replicas {
      for (feature, other) in zip(features, replica.features) { feature.absorb(other) }
      for (label, other) in zip(labels, replica.labels) { label.absorb(other) }
      for (space, other) in zip(spaces, replica.spaces) { space?.absorb(other) }
    }
    let known = vocabularies
    let others = replicas.map(\.vocabularies)
    WorkShares.run(known.count, threads: threads) { k in
      for other in others { known[k].absorb(other[k]) }
    }
  }

  /// Completes the fit and the encoding of the rows read meanwhile.
  ///
  /// - Parameter lanes: which rows were encoded by this and which by replicas that were absorbed.
  func finish(rowCount: Int, lanes: LaneRows, output: FeedStorage, threads: Int) throws {
    if let feed = byteFeed, output.elementBytes[feed] == 1,
      features.contains(where: { feature in
        if case .id(let encoder) = feature {
          (encoder.coder.learningVocabulary?.rank().tokens.count ?? 0) > 255
        } else {
          false
        }
      })
    {
      // Without a marker of missing values provisional ids begin at 0, final ones at 1.
      try output.widen(feed, rows: rowCount)
    }
    let errors = ErrorLog()
    let groups = Self.fittingGroups(features)
    WorkShares.run(groups.count, threads: threads) { group in
      do {
        for feature in groups[group] { try feature.fit(rowCount: rowCount, storage: output) }
      } catch {
        errors.add(error)
      }
    }
    if let error = errors.first { throw error }
    let zeros = completeRows(rowCount, lanes: lanes, output: output, threads: threads)
    for (feature, count) in zip(features, zeros) { try feature.finish(zeros: count) }
  }

  /// Replaces provisional ids and numbers that were not scaled in the rows that were encoded before
  /// the fit. Returns how many ids of each feature became 0.
  private func completeRows(
    _ rowCount: Int, lanes: LaneRows, output: FeedStorage, threads: Int
  ) -> [Int] {
    // Kernels are given all at once: threads that ask the same objects again and again spend more
    // time on counting references than on rows.
    let ids = (0..<lanes.count).map { lane in
      features.map { $0.finalIds(lane: lane, output: output) ?? mtlc_text_settling() }
    }
    let coded = features.indices.filter { ids[0][$0].stride > 0 }
    let columns = ids.map { columns in coded.map { columns[$0] } }
    let scaling = RowScaling(features)
    let others = features.compactMap(\.encodesKept)
    let zeros = Guarded([Int](repeating: 0, count: features.count))
    let partRows = 4096
    WorkShares.run((rowCount + partRows - 1) / partRows, threads: threads) { part in
      var columns = columns
      // Some rows at a time, all columns of them, so that each line of memory is fetched once.
      let rows = part * partRows..<min((part + 1) * partRows, rowCount)
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
        let tile = start..<min(start + Self.tileRows, rows.upperBound)
        lanes.forEach(in: tile) { rows, lane in
          mtlc_text_settle(
            &columns[lane], Int64(coded.count), Int64(rows.lowerBound), Int64(rows.upperBound))
        }
        scaling?.apply(to: tile, of: output)
        for encoder in others { encoder.encodeKept(tile, into: output) }
      }
      zeros.withLock { zeros in
        for columns in columns {
          for (k, column) in zip(coded, columns) { zeros[k] += Int(column.zeros) }
        }
      }
    }
    return zeros.withLock { $0 }
  }

  /// The features, those that learn one vocabulary together.
  static func fittingGroups(_ features: [FeatureEncoder]) -> [[FeatureEncoder]] {
    var groups: [[FeatureEncoder]] = []
    var places: [ObjectIdentifier: Int] = [:]
    for feature in features {
      if let vocabulary = feature.learningVocabulary.map(ObjectIdentifier.init) {
        if let place = places[vocabulary] {
          groups[place].append(feature)
          continue
        }
        places[vocabulary] = groups.count
      }
      groups.append([feature])
    }
    return groups
  }
}
