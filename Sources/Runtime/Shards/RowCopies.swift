import CKernels
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

  /// Rows that lie about in a table are asked for so many before their turn.
  private static let ahead = 16

  private let shards: TableShards
  private let exchange: ShardExchange
  private let places: [Place]
  /// By table the ids of a run, and their numbers by owner.
  private let distinct: [DistinctIds]
  private let order: [UnsafeMutablePointer<Int32>]
  private let owners: RowOwners
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
    owners = RowOwners(exchange.count)
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
    /// What another worker asks this one for, and this one another; what it has itself it copies.
    func asked(_ worker: Int, _ table: Int) -> Int {
      worker == rank ? 0 : wish(worker, rank, table)
    }
    func asks(_ owner: Int, _ table: Int) -> Int { owner == rank ? 0 : wish(rank, owner, table) }
    let sent = sums { 4 * asks($0, $1) }
    let received = sums { 4 * asked($0, $1) }
    let request = requests.reserve(sent.reduce(0, +)).assumingMemoryBound(to: Int32.self)
    writeRequests(wanted, to: request)
    let rows = self.asked.reserve(received.reduce(0, +)).assumingMemoryBound(to: Int32.self)
    try exchange.exchange(request, sent, into: rows, received)
    let answered = sums { 4 * asked($0, $1) * list[$1].whole.columns }
    let expected = sums { 4 * asks($0, $1) * list[$1].whole.columns }
    let answer = answers.reserve(answered.reduce(0, +)).assumingMemoryBound(to: Float.self)
    try writeAnswers(rows, to: answer, asked)
    let copies = copies.reserve(expected.reduce(0, +)).assumingMemoryBound(to: Float.self)
    try exchange.exchange(answer, answered, into: copies, expected)
    take(copies, wanted)
  }

  /// Collects the ids of a lookup and writes their numbers in place of them; what is negative is padding.
  private func find(_ place: Place, _ rows: Range<Int>) {
    let ids = distinct[place.table]
    let limit = Int32(clamping: shards.tables[place.table].whole.rows)
    for row in rows {
      let from = place.ids + row * place.idStride
      let to = place.places + row * place.placeStride
      for k in 0..<place.length {
        let id = from[k]
        to[k] = id < 0 ? -1 : ids.number(of: id < limit ? id : 0)
      }
    }
  }

  /// Puts the numbers of a table's ids in the order of their owners.
  private func sort(_ table: Int, into wanted: inout [Int]) {
    let (ids, total, owners) = (distinct[table].all, distinct[table].count, owners)
    let (tables, order) = (shards.tables.count, order[table])
    for number in 0..<total { wanted[Int(owners.owner(of: ids[number])) * tables + table] += 1 }
    var next = 0
    var starts = (0..<exchange.count).map { owner in
      defer { next += wanted[owner * tables + table] }
      return next
    }
    for number in 0..<total {
      let owner = Int(owners.owner(of: ids[number]))
      order[starts[owner]] = Int32(truncatingIfNeeded: number)
      starts[owner] += 1
    }
  }

  /// Calls the body with each owner and table, and with the numbers of the ids that are asked for there.
  private func forEachWish(
    _ wanted: [Int],
    _ body: (_ owner: Int, _ table: Int, _ numbers: UnsafeBufferPointer<Int32>) -> Void
  ) {
    let tables = shards.tables.count
    var starts = [Int](repeating: 0, count: tables)
    for owner in 0..<exchange.count {
      for table in 0..<tables {
        let number = wanted[owner * tables + table]
        body(owner, table, UnsafeBufferPointer(start: order[table] + starts[table], count: number))
        starts[table] += number
      }
    }
  }

  /// Rows are asked for by their number at the owner.
  private func writeRequests(_ wanted: [Int], to request: UnsafeMutablePointer<Int32>) {
    let owners = owners
    var next = request
    forEachWish(wanted) { owner, table, numbers in
      guard owner != exchange.rank else { return }
      let ids = distinct[table].all
      for (k, number) in numbers.enumerated() { next[k] = owners.place(of: ids[Int(number)]) }
      next += numbers.count
    }
  }

  /// Copies the rows that others ask for.
  private func writeAnswers(
    _ asked: UnsafeMutablePointer<Int32>, to answer: UnsafeMutablePointer<Float>,
    _ wish: (_ worker: Int, _ table: Int) -> Int
  ) throws {
    var (next, to) = (asked, answer)
    for worker in 0..<exchange.count {
      for (number, table) in shards.tables.enumerated() {
        let count = wish(worker, number)
        for k in 0..<count where !(0..<table.own.rows).contains(Int(next[k])) {
          throw SessionError.size(
            what: "row of \(table.whole.name)", found: Int(next[k]), expected: table.own.rows)
        }
        let (rows, stride) = (parameters + table.own.offset, table.own.rowStride)
        for k in 0..<count {
          if k + Self.ahead < count { mtlc_prefetch(rows + Int(next[k + Self.ahead]) * stride) }
          to.update(from: rows + Int(next[k]) * stride, count: table.own.columns)
          to += table.own.columns
        }
        next += count
      }
    }
  }

  /// Puts the rows that came, and those that this worker has, to their places.
  private func take(_ copies: UnsafeMutablePointer<Float>, _ wanted: [Int]) {
    var from = copies
    forEachWish(wanted) { owner, number, numbers in
      let table = shards.tables[number]
      let (columns, stride) = (table.own.columns, table.own.rowStride)
      let to = parameters + table.copiesOffset
      guard owner != exchange.rank else {
        let (ids, rows) = (distinct[number].all, parameters + table.own.offset)
        for (k, place) in numbers.enumerated() {
          if k + Self.ahead < numbers.count {
            let next = owners.place(of: ids[Int(numbers[k + Self.ahead])])
            mtlc_prefetch(rows + Int(next) * stride)
          }
          let row = Int(owners.place(of: ids[Int(place)]))
          (to + Int(place) * stride).update(from: rows + row * stride, count: columns)
        }
        return
      }
      for place in numbers {
        (to + Int(place) * stride).update(from: from, count: columns)
        from += columns
      }
    }
  }
}
