import Data
import Schema
import Testing

/// Orders of rows that keep groups together.
@Suite struct RowGroupsTests {
  /// Rows that have nothing but a group.
  private struct Source: BatchSource {
    var numbers: [UInt64]
    let feeds = [
      FeedLayout.Feed(name: "ids", width: 1, isInteger: true),
      FeedLayout.Feed(name: FeedLayout.group, width: 2, isInteger: true),
    ]
    var rowCount: Int { numbers.count }

    func copyRows(
      _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
    ) {
      guard let target = destinations[1] else { return }
      for (place, row) in rows.enumerated() {
        target.storeBytes(of: numbers[Int(row)], toByteOffset: 8 * place, as: UInt64.self)
      }
    }
  }

  private func groups(_ numbers: [UInt64], rows: [Int32]? = nil) throws -> RowGroups {
    try RowGroups(
      Source(numbers: numbers), rows: rows ?? Array(0..<Int32(numbers.count)))
  }

  @Test func groupsFollowEachOtherByTheirFirstRows() throws {
    let groups = try groups([7, 5, 7, 0, 5, 0, 1 << 40, 7])
    #expect(groups.count == 5)
    let order = groups.order(epoch: 0, nil, batchSize: 4)
    #expect(order.rows == [0, 2, 7, 1, 4, 3, 5, 6])
    // 3; 2 + 1 + 1; 1.
    #expect(order.batchEnds == [3, 7, 8])
  }

  @Test func largeGroupsAreCut() throws {
    let groups = try groups([9, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3])
    #expect(groups.cut(batchSize: 3) == (groups: 1, largest: 7))
    #expect(groups.cut(batchSize: 7) == (groups: 0, largest: 7))
    let order = groups.order(epoch: 0, nil, batchSize: 3)
    #expect(order.rows == Array(0..<11))
    // One row; 3, 3 and 1 of the large group, which two of the next fit behind; one row.
    #expect(order.batchEnds == [1, 4, 7, 10, 11])
  }

  @Test func someRowsOnly() throws {
    let groups = try groups([4, 4, 4, 6, 6], rows: [0, 2, 3])
    #expect(groups.order(epoch: 0, nil, batchSize: 2).rows == [0, 2, 3])
    #expect(try self.groups([], rows: []).order(epoch: 0, nil, batchSize: 2).batchEnds == [])
  }

  /// Every batch of every epoch: at most its size, every row once, and no group in two batches that
  /// fits into one.
  @Test(arguments: [1, 5, 16, 64]) func batchesHoldWholeGroups(batchSize: Int) throws {
    var random = SplitMix64(seed: 3)
    // More rows than are read at once.
    let numbers = (0..<2_500).map { _ in UInt64(random.below(300)) }
    let groups = try groups(numbers)
    let sizes = Dictionary(grouping: numbers) { $0 }.mapValues(\.count)
    var orders: Set<[Int32]> = []
    for epoch in 0..<3 {
      let order = groups.order(epoch: epoch, Shuffle(seed: 5), batchSize: batchSize)
      let ends = try #require(order.batchEnds)
      #expect(order == groups.order(epoch: epoch, Shuffle(seed: 5), batchSize: batchSize))
      #expect(order.rows.sorted() == Array(0..<2_500))
      #expect(ends.last == 2_500 && zip([0] + ends, ends).allSatisfy { $0 < $1 })
      var batches: [UInt64: Set<Int>] = [:]
      for (batch, (start, end)) in zip([0] + ends, ends).enumerated() {
        #expect(end - start <= batchSize)
        var left: Set<UInt64> = []
        var last: UInt64?
        for row in order.rows[start..<end] {
          let number = numbers[Int(row)]
          if number != 0 { batches[number, default: []].insert(batch) }
          if let last, last != number { left.insert(last) }
          #expect(number == 0 || !left.contains(number), "rows of a group follow each other")
          last = number
        }
      }
      for (number, places) in batches {
        let most = (sizes[number, default: 0] + batchSize - 1) / batchSize
        #expect(places.count <= max(1, most))
      }
      orders.insert(order.rows)
    }
    #expect(orders.count == 3)
  }
}
