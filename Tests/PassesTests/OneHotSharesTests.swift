import Passes
import Plan
import TensorTypes
import Testing

/// Which of two threads has which features' rows of a one-hot weight.
@Suite struct OneHotSharesTests {
  private func shares(_ counts: [Int], columns: Int = 144, capacity: Int = 32)
    -> [OneHotShares.Share]
  {
    var features: [OneHotLinearInstruction.Feature] = []
    var offset = 0
    for (column, count) in counts.enumerated() {
      let ids = View(
        buffer: BufferID(0), offset: column, extents: [.batch(times: 1), .fixed(1)],
        strides: [counts.count, 1])
      features.append(.init(ids: ids, rowOffset: offset, rowCount: count))
      offset += count
    }
    return OneHotShares(features, columns: columns, capacity: capacity).shares
  }

  @Test(arguments: [[2, 2], [1, 4_000], [50, 50, 50], [1, 1, 1, 1, 1, 1], [4_000, 3_000, 2]])
  func eachThreadHasSome(counts: [Int]) {
    for columns in [1, 16, 144, 2_000] {
      for capacity in [2, 32, 128] {
        let shares = shares(counts, columns: columns, capacity: capacity)
        #expect(shares.count == counts.count)
        #expect(shares.contains(.first) && shares.contains { $0 != .first })
      }
    }
  }

  /// The second thread has time for rows that the batch lacks: features with many of them are its.
  @Test func theSecondThreadHasTheRowsThatTheBatchLacks() {
    let counts = [9, 52, 47, 17, 3, 24, 15, 5, 10, 2, 3, 6, 8, 6, 6, 51, 38, 8, 10, 9, 10, 3, 4, 5]
    var absent: [OneHotShares.Share: Double] = [:]
    for (count, share) in zip(counts, shares(counts)) {
      var missed = Double(count)
      for _ in 0..<32 { missed *= 1 - 1 / Double(count) }
      absent[share, default: 0] += missed
    }
    #expect((absent[.early] ?? 0) > 5 * (absent[.first] ?? 0))
    #expect((absent[.early] ?? 0) > 5 * (absent[.late] ?? 0))
  }

  /// Where there are more of them than there is time for, both threads step the rest in the last level.
  @Test func moreAbsentRowsThanThereIsTimeForAreShared() {
    let shares = shares([Int](repeating: 100, count: 60))
    let counts = OneHotShares.Share.allCases.map { share in shares.count { $0 == share } }
    #expect((1...6).contains(counts[1]))
    #expect(abs(counts[0] - counts[2]) <= 4)
  }
}
