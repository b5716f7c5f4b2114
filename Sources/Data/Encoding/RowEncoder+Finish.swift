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
    let encoders = all
    let zeros = Mutex([Int](repeating: 0, count: encoders.count))
    let partRows = 4096
    WorkShares.run((rowCount + partRows - 1) / partRows, threads: threads) { part in
      var counts = [Int](repeating: 0, count: encoders.count)
      // Some rows at a time, all columns of them, so that each line of memory is fetched once.
      let rows = part * partRows..<min((part + 1) * partRows, rowCount)
      lanes.forEach(in: rows, most: Self.tileRows) { rows, lane in
        for (k, encoder) in encoders.enumerated() {
          counts[k] += encoder.settle(rows: rows, lane: lane, output: output)
        }
      }
      zeros.withLock { zeros in
        for k in counts.indices { zeros[k] += counts[k] }
      }
    }
    for (encoder, count) in zip(encoders, zeros.withLock { $0 }) {
      try encoder.finish(zeros: count)
    }
  }
}
