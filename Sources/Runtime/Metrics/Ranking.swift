/// The labels of binary rows in the order of their predictions, with ties kept together; metrics of a ranking
/// are computed from it.
protocol Ranking {
  /// What may go wrong while the rows are read; `Never` for rows in memory.
  associatedtype Failure: Error

  var positives: Int { get }
  var count: Int { get }
  /// Why nothing can be ranked.
  var obstacle: String? { get }

  /// Calls `body` with the key of each row (see `RankingKey`), from the lowest up.
  func forEachKey(_ body: (UInt64) -> Void) throws(Failure)
}

extension Ranking {
  /// Calls `body` for each prediction that occurs, from the lowest up.
  func forEachTie(_ body: (Tie) -> Void) throws(Failure) {
    var counter = TieCounter()
    try forEachKey { counter.add($0, body) }
    counter.finish(body)
  }

  /// What the metrics follow from, in one pass.
  func sums() throws(Failure) -> RankingSums {
    var sums = RankingSums(positives: positives, negatives: count - positives, obstacle: obstacle)
    if obstacle == nil { try forEachTie { sums.add($0) } }
    return sums
  }
}

/// Rows of one prediction, and what ranks below them.
struct Tie {
  var positives: Int
  var negatives: Int
  var positivesBelow: Int
  var negativesBelow: Int
}

/// Numbers that sort as predictions do, with whether the row is positive as their lowest bit.
enum RankingKey {
  static func of(_ prediction: Float, isPositive: Bool) -> UInt64 {
    UInt64(order(prediction)) << 1 | (isPositive ? 1 : 0)
  }

  /// Bits that sort as the float does, −0 and 0 alike.
  static func order(_ prediction: Float) -> UInt32 {
    let bits = (prediction + 0).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  /// Sorts keys, which have 33 bits: in three passes by 11 bits each, from the lowest up. O(n) time, 8 bytes a
  /// key beside them.
  static func sort(_ keys: inout [UInt64]) {
    // Below this the counts of a pass take longer than the comparisons of an ordinary sort.
    guard keys.count > 4096 else { return keys.sort() }
    let (bits, buckets) = (11, 1 << 11)
    var other = [UInt64](repeating: 0, count: keys.count)
    for shift in [0, bits, 2 * bits] {
      var places = [Int](repeating: 0, count: buckets)
      for key in keys { places[Int(key >> shift) & (buckets - 1)] += 1 }
      var next = 0
      for bucket in places.indices { (places[bucket], next) = (next, next + places[bucket]) }
      for key in keys {
        let bucket = Int(key >> shift) & (buckets - 1)
        other[places[bucket]] = key
        places[bucket] += 1
      }
      swap(&keys, &other)
    }
  }
}

/// Makes ties of keys that come in rising order.
struct TieCounter {
  private var order: UInt64?
  private var tie = Tie(positives: 0, negatives: 0, positivesBelow: 0, negativesBelow: 0)

  @inline(__always)
  mutating func add(_ key: UInt64, _ body: (Tie) -> Void) {
    if order != key >> 1 {
      finish(body)
      order = key >> 1
    }
    tie.positives += Int(key & 1)
    tie.negatives += Int(~key & 1)
  }

  /// Hands out the last tie, and counts its rows as being below.
  mutating func finish(_ body: (Tie) -> Void) {
    guard tie.positives + tie.negatives > 0 else { return }
    body(tie)
    tie.positivesBelow += tie.positives
    tie.negativesBelow += tie.negatives
    (tie.positives, tie.negatives) = (0, 0)
  }
}
