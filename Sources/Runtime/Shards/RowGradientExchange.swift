import Plan

/// Sends the gradients of looked up rows to the workers that own them, where the update finds them in the order of
/// the batch: a row's sum is made by its owner, as one worker alone would.
final class RowGradientExchange {
  /// A lookup with the addresses of its ids, of what stands for them in the update, and of its gradients.
  private struct Place {
    var length: Int
    var rows: Int
    /// Floats of the gradient of a row or, side by side, of each id.
    var columns: Int
    var isConcatenated: Bool
    var ids: UnsafePointer<Int32>
    var idStride: Int
    var owned: UnsafeMutablePointer<Int32>
    var ownedStride: Int
    var gradients: UnsafeMutablePointer<Float>
    var gradientStride: Int
  }

  private let exchange: ShardExchange
  private let places: [Place]
  private let (sent, received) = (ShardExchange.Room(), ShardExchange.Room())
  private let owners: RowOwners
  /// By lookup and row of the batch which workers own one of the ids: bit r for worker r. Where there are more
  /// workers than bits, a bit stands for several, and the ids tell.
  private let marks: UnsafeMutablePointer<UInt64>
  private let rows: Int
  private static let mostMarked = 64
  /// By worker the row of the batch, counted through all lookups, that it last had a gradient of.
  private var seen: [Int]

  /// - Parameters:
  ///   - batch: The feeds of whole batches.
  ///   - update: Those of the update program.
  /// - Throws: `SessionError` where a feed is missing.
  init(
    _ shards: TableShards, batch: [FeedBlock], update: [FeedBlock], _ exchange: ShardExchange
  ) throws(SessionError) {
    self.exchange = exchange
    seen = Array(repeating: -1, count: exchange.count)
    owners = RowOwners(exchange.count)
    func block(_ name: String, _ blocks: [FeedBlock]) throws(SessionError) -> FeedBlock {
      guard let block = blocks.first(where: { $0.name == name }) else { throw .noFeed(name) }
      return block
    }
    var places: [Place] = []
    for source in shards.sources {
      let (lookup, table) = (source.lookup, shards.tables[source.lookup.table])
      let ids = try block(lookup.feed, batch)
      let owned = try block(TableShards.ownedFeed, update)
      let gradients = try block(source.feed, update)
      places.append(
        Place(
          length: lookup.length, rows: table.whole.rows, columns: table.whole.columns,
          isConcatenated: source.isConcatenated,
          ids: ids.base.assumingMemoryBound(to: Int32.self) + lookup.column, idStride: ids.width,
          owned: owned.base.assumingMemoryBound(to: Int32.self) + lookup.ownColumn,
          ownedStride: owned.width,
          gradients: gradients.base.assumingMemoryBound(to: Float.self) + source.offset,
          gradientStride: source.stride))
    }
    self.places = places
    rows = batch.first?.capacity ?? 0
    marks = .allocate(capacity: max(1, rows * places.count))
    marks.initialize(repeating: 0, count: max(1, rows * places.count))
  }

  deinit { marks.deallocate() }

  /// Tells the update which of the ids of a batch are this worker's.
  func writeOwned(rows: Int) {
    let (owners, rank) = (owners, Int32(truncatingIfNeeded: exchange.rank))
    for (number, place) in places.enumerated() {
      let marks = marks + number * self.rows
      let limit = Int32(clamping: place.rows)
      for row in 0..<rows {
        let from = place.ids + row * place.idStride
        let to = place.owned + row * place.ownedStride
        var mark: UInt64 = 0
        for k in 0..<place.length {
          let id = from[k] < limit ? from[k] : 0
          guard id >= 0 else {
            to[k] = -1
            continue
          }
          let owner = owners.owner(of: id)
          to[k] = owner == rank ? owners.place(of: id) : TableShards.elsewhere
          mark |= 1 &<< UInt64(truncatingIfNeeded: owner)
        }
        marks[row] = mark
      }
    }
  }

  /// Sends the gradients of this worker's rows, and receives those of the others.
  /// - Parameter rows: Of the batch by worker.
  func run(rows: (_ worker: Int) -> Range<Int>) throws {
    let (rank, count) = (exchange.rank, exchange.count)
    var (counts, receivedCounts) = (
      [Int](repeating: 0, count: count), [Int](repeating: 0, count: count)
    )
    let own = rows(rank)
    forEachPiece(own) { owner, _, floats in if owner != rank { counts[owner] += 4 * floats } }
    for worker in 0..<count where worker != rank {
      forEachPiece(rows(worker)) { owner, _, floats in
        if owner == rank { receivedCounts[worker] += 4 * floats }
      }
    }
    let sent = sent.reserve(counts.reduce(0, +)).assumingMemoryBound(to: Float.self)
    var start = 0
    var ends = counts.map { bytes in
      defer { start += bytes / 4 }
      return sent + start
    }
    forEachPiece(own) { owner, gradient, floats in
      guard owner != rank else { return }
      ends[owner].update(from: gradient, count: floats)
      ends[owner] += floats
    }
    let received = received.reserve(receivedCounts.reduce(0, +))
      .assumingMemoryBound(to: Float.self)
    try exchange.exchange(sent, counts, into: received, receivedCounts)
    var next = received
    for worker in 0..<count where worker != rank {
      forEachPiece(rows(worker)) { owner, gradient, floats in
        guard owner == rank else { return }
        gradient.update(from: next, count: floats)
        next += floats
      }
    }
  }

  /// Calls the body with each gradient that an owner of rows needs: that of a row for each worker that owns one of
  /// its ids, or of each id where these stand side by side.
  @inline(__always)
  private func forEachPiece(
    _ rows: Range<Int>,
    _ body: (_ owner: Int, _ gradient: UnsafeMutablePointer<Float>, _ floats: Int) -> Void
  ) {
    for owner in seen.indices { seen[owner] = -1 }
    var line = 0
    for (number, place) in places.enumerated() {
      if !place.isConcatenated, exchange.count <= Self.mostMarked {
        let marks = marks + number * self.rows
        for row in rows {
          let gradients = place.gradients + row * place.gradientStride
          var left = marks[row]
          while left != 0 {
            body(left.trailingZeroBitCount, gradients, place.columns)
            left &= left &- 1
          }
        }
        continue
      }
      let limit = Int32(clamping: place.rows)
      for row in rows {
        let ids = place.ids + row * place.idStride
        let gradients = place.gradients + row * place.gradientStride
        line += 1
        for k in 0..<place.length where ids[k] >= 0 {
          let owner = Int(owners.owner(of: ids[k] < limit ? ids[k] : 0))
          if place.isConcatenated {
            body(owner, gradients + k * place.columns, place.columns)
          } else if seen[owner] != line {
            seen[owner] = line
            body(owner, gradients, place.columns)
          }
        }
      }
    }
  }
}
