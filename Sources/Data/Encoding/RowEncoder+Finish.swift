import CKernels
import Schema
import Synchronization

extension RowEncoder {
  /// Does what threads put off until none of them encodes.
  ///
  /// - Parameters:
  ///   - encoders: twins of each other, one for each thread.
  ///   - rows: how many rows were encoded so far.
  static func rest(_ encoders: [RowEncoder], rows: Int, _ storage: FeedStorage) throws {
    guard let first = encoders.first, encoders.contains(where: \.needsRest) else { return }
    if let feed = first.byteFeed, storage.elementBytes[feed] == 1,
      encoders.contains(where: { $0.features.contains { !$0.wideIds.isEmpty } })
    {
      try storage.widen(feed, rows: rows)
    }
    for (k, feature) in first.features.enumerated()
    where encoders.contains(where: { !$0.features[k].oddNumbers.isEmpty }) {
      try feature.keepOddNumbers(rows: rows, in: storage)
    }
    for feature in encoders.flatMap(\.features) where feature.needsRest {
      feature.writeWideIds(to: storage)
      feature.writeOddNumbers()
    }
  }

  /// Whether something waits until no thread encodes.
  var needsRest: Bool { features.contains(where: \.needsRest) }

  /// Tokens that were learned so far.
  var tokenCount: Int { vocabularies.reduce(0) { $0 + $1.size } }

  /// Learns and counts what twins learned and counted, which then encode no more.
  func absorb(_ twins: [RowEncoder], threads: Int) {
    guard !twins.isEmpty else { return }
    for twin in twins {
      for (encoder, other) in zip(all, twin.all) { encoder.absorb(other) }
    }
    let known = vocabularies
    let others = twins.map(\.vocabularies)
    WorkShares.run(known.count, threads: threads) { k in
      for other in others { known[k].absorb(other[k]) }
    }
  }

  /// Completes the fit and the encoding of the rows read meanwhile.
  ///
  /// - Parameter lanes: which rows were encoded by this and which by twins that were absorbed.
  func finish(rowCount: Int, lanes: LaneRows, output: FeedStorage, threads: Int) throws {
    if let feed = byteFeed, output.elementBytes[feed] == 1,
      features.contains(where: {
        $0 is IdEncoder && ($0.learningVocabulary?.rank().tokens.count ?? 0) > 255
      })
    {
      // Where nothing stands for a missing value, provisional ids begin at 0, final ones at 1.
      try output.widen(feed, rows: rowCount)
    }
    let errors = ErrorLog()
    WorkShares.run(groups.count, threads: threads) { group in
      do {
        for encoder in groups[group] { try encoder.fit(rowCount: rowCount, storage: output) }
      } catch {
        errors.add(error)
      }
    }
    if let error = errors.first { throw error }
    let zeros = settle(rowCount: rowCount, lanes: lanes, output: output, threads: threads)
    for (encoder, count) in zip(features, zeros) { try encoder.finish(zeros: count) }
  }

  /// Turns what was encoded before the fit into what it should be. Returns how many ids of each
  /// feature became 0.
  private func settle(
    rowCount: Int, lanes: LaneRows, output: FeedStorage, threads: Int
  ) -> [Int] {
    // Kernels are given all at once: threads that ask the same objects again and again spend more
    // time on counting references than on rows.
    let ids = (0..<lanes.count).map { lane in
      features.map { $0.settling(lane: lane, output: output) ?? mtlc_text_settling() }
    }
    let coded = features.indices.filter { ids[0][$0].stride > 0 }
    let columns = ids.map { columns in coded.map { columns[$0] } }
    let scaling = RowScaling(features)
    let others = features.filter(\.settles)
    let zeros = Mutex([Int](repeating: 0, count: features.count))
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
        for encoder in others { encoder.settle(rows: tile, output: output) }
      }
      zeros.withLock { zeros in
        for columns in columns {
          for (k, column) in zip(coded, columns) { zeros[k] += Int(column.zeros) }
        }
      }
    }
    return zeros.withLock { $0 }
  }
}
