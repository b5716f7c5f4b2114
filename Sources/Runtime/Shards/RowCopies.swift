import Plan

/// Fetches the rows that a program looks up from the workers that own them, before it runs.
final class RowCopies {
  /// A lookup with the addresses of its ids and of the places that stand for them.
  private struct Place {
    var table: Int
    var length: Int
    var ids: UnsafePointer<Int32>
    var idStride: Int
    var places: UnsafeMutablePointer<Int32>
    var placeStride: Int
  }

  private let shards: TableShards
  private let exchange: ShardExchange
  private let places: [Place]
  /// By table the ids of a run, and their numbers by owner.
  private let distinct: [DistinctIds]
  private let order: [UnsafeMutablePointer<Int32>]
  private let parameters: UnsafeMutablePointer<Float>
  private let (requests, asked) = (ShardExchange.Room(), ShardExchange.Room())
  private let (answers, copies) = (ShardExchange.Room(), ShardExchange.Room())

  /// - Parameter feeds: Of the program, or of whole batches for it.
  /// - Throws: `SessionError` where a feed is missing.
  init(
    _ shards: TableShards, _ kind: Program.Kind, feeds: [FeedBlock], _ parameters: MemoryBlock,
    _ exchange: ShardExchange
  ) throws(SessionError) {
    (self.shards, self.exchange) = (shards, exchange)
    self.parameters = parameters.base.assumingMemoryBound(to: Float.self)
    var places: [Place] = []
    for lookup in shards.lookups[kind] ?? [] {
      guard let ids = feeds.first(where: { $0.name == lookup.feed }) else {
        throw .noFeed(lookup.feed)
      }
      guard let own = feeds.first(where: { $0.name == TableShards.placesFeed }) else {
        throw .noFeed(TableShards.placesFeed)
      }
      places.append(
        Place(
          table: lookup.table, length: lookup.length,
          ids: ids.base.assumingMemoryBound(to: Int32.self) + lookup.column, idStride: ids.width,
          places: own.base.assumingMemoryBound(to: Int32.self) + lookup.ownColumn,
          placeStride: own.width))
    }
    self.places = places
    distinct = shards.tables.map { DistinctIds(capacity: $0.copies) }
    order = shards.tables.map { .allocate(capacity: max(1, $0.copies)) }
  }

  deinit { for numbers in order { numbers.deallocate() } }

  /// Has the copies and the places for a run on these rows of the feeds; all workers call it, some perhaps for no
  /// row.
  func fetch(rows: Range<Int>) throws {
    for table in distinct { table.removeAll() }
    for place in places { find(place, rows) }
    let (count, tables) = (exchange.count, shards.tables.count)
    // By owner and table how many rows this worker asks for; of all workers one after the other.
    var wanted = [Int](repeating: 0, count: count * tables)
    for table in 0..<tables { sort(table, into: &wanted) }
    let all = try exchange.gather(wanted.map { Int32(truncatingIfNeeded: $0) })
    func wish(_ worker: Int, _ owner: Int, _ table: Int) -> Int {
      Int(all[(worker * count + owner) * tables + table])
    }
    func sums(_ number: (_ other: Int, _ table: Int) -> Int) -> [Int] {
      (0..<count).map { other in (0..<tables).reduce(0) { $0 + number(other, $1) } }
    }
    let (rank, list) = (exchange.rank, shards.tables)
    let sent = sums { 4 * wish(rank, $0, $1) }
    let received = sums { 4 * wish($0, rank, $1) }
    let request = requests.reserve(sent.reduce(0, +)).assumingMemoryBound(to: Int32.self)
    writeRequests(wanted, to: request)
    let asked = asked.reserve(received.reduce(0, +)).assumingMemoryBound(to: Int32.self)
    try exchange.exchange(request, sent, into: asked, received)
    let answered = sums { 4 * wish($0, rank, $1) * list[$1].whole.columns }
    let expected = sums { 4 * wish(rank, $0, $1) * list[$1].whole.columns }
    let answer = answers.reserve(answered.reduce(0, +)).assumingMemoryBound(to: Float.self)
    try writeAnswers(asked, to: answer) { wish($0, rank, $1) }
    let copies = copies.reserve(expected.reduce(0, +)).assumingMemoryBound(to: Float.self)
    try exchange.exchange(answer, answered, into: copies, expected)
    take(copies, wanted)
  }

  /// Collects the ids of a lookup and writes their numbers in place of them; what is negative is padding.
  private func find(_ place: Place, _ rows: Range<Int>) {
    let ids = distinct[place.table]
    let limit = shards.tables[place.table].whole.rows
    for row in rows {
      let from = place.ids + row * place.idStride
      let to = place.places + row * place.placeStride
      for k in 0..<place.length {
        let id = from[k]
        to[k] = id < 0 ? -1 : ids.number(of: Int(id) < limit ? id : 0)
      }
    }
  }

  /// Puts the numbers of a table's ids in the order of their owners.
  private func sort(_ table: Int, into wanted: inout [Int]) {
    let (ids, count) = (distinct[table], UInt32(exchange.count))
    let tables = shards.tables.count
    for number in 0..<ids.count {
      wanted[Int(UInt32(bitPattern: ids[number]) % count) * tables + table] += 1
    }
    var next = 0
    var starts = (0..<exchange.count).map { owner in
      defer { next += wanted[owner * tables + table] }
      return next
    }
    for number in 0..<ids.count {
      let owner = Int(UInt32(bitPattern: ids[number]) % count)
      order[table][starts[owner]] = Int32(truncatingIfNeeded: number)
      starts[owner] += 1
    }
  }

  /// Calls the body with each owner and table, and with the numbers of the ids that are asked for there.
  private func forEachWish(
    _ wanted: [Int], _ body: (_ table: Int, _ numbers: UnsafeBufferPointer<Int32>) -> Void
  ) {
    let tables = shards.tables.count
    var starts = [Int](repeating: 0, count: tables)
    for owner in 0..<exchange.count {
      for table in 0..<tables {
        let number = wanted[owner * tables + table]
        body(table, UnsafeBufferPointer(start: order[table] + starts[table], count: number))
        starts[table] += number
      }
    }
  }

  /// Rows are asked for by their number at the owner.
  private func writeRequests(_ wanted: [Int], to request: UnsafeMutablePointer<Int32>) {
    let count = Int32(truncatingIfNeeded: exchange.count)
    var next = request
    forEachWish(wanted) { table, numbers in
      for number in numbers {
        next.pointee = distinct[table][Int(number)] / count
        next += 1
      }
    }
  }

  /// Copies the rows that others, and this worker, ask for.
  private func writeAnswers(
    _ asked: UnsafeMutablePointer<Int32>, to answer: UnsafeMutablePointer<Float>,
    _ wish: (_ worker: Int, _ table: Int) -> Int
  ) throws {
    var (next, to) = (asked, answer)
    for worker in 0..<exchange.count {
      for (number, table) in shards.tables.enumerated() {
        let columns = table.own.columns
        for _ in 0..<wish(worker, number) {
          guard (0..<table.own.rows).contains(Int(next.pointee)) else {
            throw SessionError.size(
              what: "row of \(table.whole.name)", found: Int(next.pointee),
              expected: table.own.rows)
          }
          to.update(
            from: parameters + table.own.offset + Int(next.pointee) * table.own.rowStride,
            count: columns)
          to += columns
          next += 1
        }
      }
    }
  }

  /// Puts the rows that came to their places.
  private func take(_ copies: UnsafeMutablePointer<Float>, _ wanted: [Int]) {
    var from = copies
    forEachWish(wanted) { number, numbers in
      let table = shards.tables[number]
      for place in numbers {
        (parameters + table.copiesOffset + Int(place) * table.own.rowStride).update(
          from: from, count: table.own.columns)
        from += table.own.columns
      }
    }
  }
}
