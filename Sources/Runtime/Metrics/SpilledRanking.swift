/// A ranking of any number of rows, in bounded memory.
struct SpilledRanking: Ranking {
  private var keys: SortedRuns<UInt64>
  private(set) var positives = 0
  private var broken = 0
  var count: Int { keys.count }
  var obstacle: String? { RankedRows.obstacle(rows: count, broken: broken) }

  init(_ file: SpillFile, runLength: Int) {
    keys = SortedRuns(file, limit: runLength, sort: RankingKey.sort)
  }

  mutating func add(_ prediction: Float, isPositive: Bool) {
    keys.add(RankingKey.of(prediction, isPositive: isPositive))
    positives += isPositive ? 1 : 0
    broken += prediction.isNaN ? 1 : 0
  }

  /// To be called behind the last row.
  mutating func finish() { keys.finish() }

  func forEachKey(_ body: (UInt64) -> Void) throws(SpillError) { try keys.forEachElement(body) }
}
